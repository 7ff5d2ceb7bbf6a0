"""Every noun, the trail and the outbox"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.guards import statements

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

RECORDED = [
    "customer",
    "document",
    "organisation",
    "person",
    "problem",
    "programme",
    "rolegrant",
    "contest",
    "application",
    "member",
    "sitting",
    "appeal",
    "assignment",
    "contract",
    "declaration",
    "finding",
    "item",
    "sheet",
    "ballot",
    "period",
    "tranche",
    "visit",
    "mend",
    "report",
    "parcel",
    "legalhold",
]


def upgrade() -> None:
    op.create_table('blob',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('key', sa.String(160), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('storing', 'stored', 'deleting', name='blobstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blob')),
    sa.UniqueConstraint('key', name=op.f('uq_blob_key'))
    )
    with op.batch_alter_table('blob', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_blob_sha256'), ['sha256'], unique=False)

    op.create_table('checkpoint',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('root', sa.String(64), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('peaks', sa.LargeBinary(), nullable=False, server_default=sa.text("''")),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkpoint')),
    sa.UniqueConstraint('size', name=op.f('uq_checkpoint_size'))
    )
    op.create_table('job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('errand', sa.Enum('intake.inspect', 'intake.recognise', 'completeness.check', 'completeness.qualify', 'committee.route', 'committee.bundle', 'committee.minutes', 'committee.rank', 'contracting.draft', 'contracting.weigh', 'monitoring.read', 'monitoring.return', 'monitoring.overview', 'monitoring.closing', 'monitoring.ladder', 'letters.send', name='errand', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(200), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'held', 'done', 'for_a_person', name='jobstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('run_id', sa.String(64), nullable=False),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('told', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_errand'), ['errand'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_state'), ['state'], unique=False)

    op.create_table('clue',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('sign', sa.String(200), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'sign', 'owner_id', name=op.f('pk_clue')),
    sqlite_with_rowid=False
    )
    op.create_table('leftover',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(200), nullable=False),
    sa.Column('entry', sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leftover')),
    sa.UniqueConstraint('source', 'entry', name=op.f('uq_leftover_source_entry'))
    )
    op.create_table('mark',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(200), nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=False),
    sa.Column('last', sa.BigInteger(), nullable=False),
    sa.Column('modified', sa.DateTime(timezone=True), nullable=True),
    sa.Column('name', sa.String(400), nullable=False),
    sa.Column('opening', sa.String(64), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mark')),
    sa.UniqueConstraint('source', name=op.f('uq_mark_source'))
    )
    op.create_table('stream',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(16), nullable=False),
    sa.Column('name', sa.String(200), nullable=False),
    sa.Column('key', sa.String(64), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('head', sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['stream.id'], name=op.f('fk_stream_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream')),
    sa.UniqueConstraint('key', name=op.f('uq_stream_key'))
    )
    with op.batch_alter_table('stream', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_parent_id'), ['parent_id'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('act', sa.Enum('customer:register', 'person:register', 'role:grant', 'role:revoke', 'problem:propose', 'problem:prioritise', 'problem:fund', 'problem:shelve', 'programme:draft', 'programme:approve', 'contest:draft', 'pack:adopt', 'member:appoint', 'member:release', 'contest:announce', 'contest:cancel', 'application:receive', 'application:turn_away', 'application:inspect', 'application:recognise', 'application:withdraw', 'contest:close', 'application:open', 'application:ask_for_more', 'application:cure', 'application:admit', 'application:refuse', 'application:qualify', 'finding:override', 'conflict:declare', 'contest:route', 'application:assign', 'assignment:decline', 'sheet:submit', 'sitting:convene', 'sitting:open', 'item:vote', 'item:decide', 'sitting:close', 'minutes:draft', 'minutes:sign', 'contest:decide', 'application:win', 'application:reserve', 'application:pass_over', 'contest:publish', 'appeal:lodge', 'appeal:decide', 'contract:prepare', 'contract:plan', 'contract:draft', 'contract:sign', 'contract:amend', 'contract:terminate', 'tranche:hold', 'tranche:lift', 'tranche:order', 'tranche:pay', 'period:open', 'period:remind', 'period:extend', 'period:pause', 'period:resume', 'report:receive', 'report:read', 'report:return', 'report:refuse', 'variance:explain', 'report:accept', 'visit:record', 'mend:tell', 'mend:accept', 'mend:return', 'mend:waive', 'mend:remind', 'parcel:take', 'parcel:file', 'parcel:set_aside', 'contract:evaluate', 'balance:remind', 'balance:return', 'contract:close', 'contest:finish', 'paper:register', 'letter:write', 'letter:send', 'letter:void', 'case:read', 'trail:read', 'trail:export', 'errand:hand_over', 'agenda:correct', 'witness:alarm', 'trail:redact', 'trail:dispose', 'hold:place', 'hold:lift', name='act', native_enum=False, create_constraint=False, length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=False),
    sa.Column('actor_role', sa.String(32), nullable=False),
    sa.Column('noun', sa.String(32), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('rule', sa.String(80), nullable=False),
    sa.Column('pack', sa.String(140), nullable=False),
    sa.Column('run_id', sa.String(64), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('previous', sa.String(64), nullable=False),
    sa.Column('hash', sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
    sa.UniqueConstraint('stream_id', 'seq', name=op.f('uq_event_stream_id_seq'))
    )
    op.create_table('eventindex',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=True),
    sa.Column('actor_id', sa.Uuid(), nullable=False),
    sa.Column('act', sa.String(40), nullable=False),
    sa.Column('rule', sa.String(80), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'at', 'stream_id', 'seq', name=op.f('pk_eventindex')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('eventindex', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_eventindex_tenant_id_act_at'), ['tenant_id', 'act', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_eventindex_tenant_id_actor_id_at'), ['tenant_id', 'actor_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_eventindex_tenant_id_rule_at'), ['tenant_id', 'rule', 'at'], unique=False)
    op.create_index('ix_eventindex_contest_id_at', 'eventindex', ['contest_id', 'at'], unique=False, sqlite_where=sa.text('contest_id IS NOT NULL'), postgresql_where=sa.text('contest_id IS NOT NULL'))

    op.create_table('customer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(32), nullable=False),
    sa.Column('name', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('city', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('zone', sa.String(40), nullable=False),
    sa.Column('requisites', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_customer_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('code', name=op.f('uq_customer_code'))
    )
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_stream_id'), ['stream_id'], unique=False)

    op.create_table('disclosure',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('path', sa.String(120), nullable=False),
    sa.Column('salt', sa.String(64), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_disclosure_event_id')),
    sa.PrimaryKeyConstraint('event_id', 'digest', name=op.f('pk_disclosure')),
    sqlite_with_rowid=False
    )
    op.create_table('document',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(400), nullable=False),
    sa.Column('kind', sa.Enum('D01', 'D02', 'D03', 'D04', 'D05', 'D06', 'D07', 'D08', 'D09', 'D10', 'D11', 'D12', 'D13', 'D14', 'D15', 'D16', 'D17', 'D18', 'receipt', 'bundle', 'minutes', 'contract', 'announcement', 'notice', 'programme_report', 'financial_report', 'payment_order', 'overview', 'disposal', 'other', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('blob_id', sa.Uuid(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('inspected', sa.Boolean(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['blob_id'], ['blob.id'], name=op.f('fk_document_blob_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_document_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_sha256'), ['sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_subject_id'), ['subject_id'], unique=False)

    op.create_table('shingle',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_shingle_document_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'number', 'document_id', name=op.f('pk_shingle')),
    sqlite_with_rowid=False
    )
    op.create_table('eventfile',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_eventfile_event_id')),
    sa.PrimaryKeyConstraint('event_id', 'sha256', name=op.f('pk_eventfile')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('eventfile', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_eventfile_sha256'), ['sha256'], unique=False)

    op.create_table('leaf',
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=True),
    sa.Column('hash', sa.String(64), nullable=False),
    sa.Column('entry', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_leaf')),
    sa.UniqueConstraint('event_id', name=op.f('uq_leaf_event_id'))
    )
    op.create_index('ix_leaf_kept', 'leaf', ['hash'], unique=False, sqlite_where=sa.text('event_id IS NULL'), postgresql_where=sa.text('event_id IS NULL'))
    op.create_table('unsealed',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unsealed'))
    )
    op.create_table('keyrange',
    sa.Column('key', sa.String(64), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('peaks', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_keyrange'))
    )
    op.create_table('cosignature',
    sa.Column('size', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('witness', sa.String(220), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('line', sa.String(400), nullable=False),
    sa.PrimaryKeyConstraint('size', 'witness', 'at', name=op.f('pk_cosignature'))
    )
    op.create_table('witnesscall',
    sa.Column('witness', sa.String(220), nullable=False),
    sa.Column('first_asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('trouble', sa.String(40), nullable=False),
    sa.PrimaryKeyConstraint('witness', name=op.f('pk_witnesscall'))
    )
    op.create_table('told',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('noun', sa.String(16), nullable=False),
    sa.Column('row_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_told_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_told')),
    sa.UniqueConstraint('row_id', 'size', name=op.f('uq_told_row_id_size'))
    )
    with op.batch_alter_table('told', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_told_stream_id'), ['stream_id'], unique=False)

    op.create_table('letter',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(200), nullable=False),
    sa.Column('to', sa.String(200), nullable=False),
    sa.Column('language', sa.Enum('ky', 'ru', 'en', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('code', sa.String(80), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('attachments', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('gathered', sa.Boolean(), nullable=False),
    sa.Column('digest_id', sa.Uuid(), nullable=True),
    sa.Column('void_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('noun', sa.String(16), nullable=False),
    sa.Column('row_id', sa.Uuid(), nullable=True),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('rung', sa.String(40), nullable=False),
    sa.Column('role', sa.String(16), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_letter_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('key', name=op.f('uq_letter_key'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letter_digest_id'), ['digest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_letter_gathered'), ['gathered'], unique=False)

    op.create_table('organisation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(300), nullable=False),
    sa.Column('inn', sa.String(14), nullable=False),
    sa.Column('okpo', sa.String(8), nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('commercial', sa.Boolean(), nullable=False),
    sa.Column('address', sa.String(300), nullable=False),
    sa.Column('head', sa.String(200), nullable=False),
    sa.Column('phone', sa.String(40), nullable=False),
    sa.Column('email', sa.String(200), nullable=False),
    sa.Column('bank_account', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_organisation_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('tenant_id', 'inn', name=op.f('uq_organisation_tenant_id_inn'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_stream_id'), ['stream_id'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(64), nullable=False),
    sa.Column('name', sa.String(200), nullable=False),
    sa.Column('email', sa.String(200), nullable=False),
    sa.Column('phone', sa.String(40), nullable=False),
    sa.Column('language', sa.Enum('ky', 'ru', 'en', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_person_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('tenant_id', 'login', name=op.f('uq_person_tenant_id_login'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_stream_id'), ['stream_id'], unique=False)

    op.create_table('problem',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('description', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('numbers', sa.String(), nullable=False),
    sa.Column('proposed_by', sa.String(200), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=True),
    sa.Column('status', sa.Enum('proposed', 'prioritised', 'funded', 'shelved', name='problemstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_problem_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_problem'))
    )
    with op.batch_alter_table('problem', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_problem_stream_id'), ['stream_id'], unique=False)

    op.create_table('programme',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('problem_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('budget_line', sa.String(64), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('approved_by', sa.String(200), nullable=False),
    sa.Column('status', sa.Enum('drafted', 'approved', name='programmestatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['problem_id'], ['problem.id'], name=op.f('fk_programme_problem_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_programme_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme'))
    )
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_programme_stream_id'), ['stream_id'], unique=False)

    op.create_table('rolegrant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('head', 'coordinator', 'secretary', 'finance', 'lawyer', 'council', 'chair', 'member', 'applicant', 'consultant', 'donor', 'auditor', 'public', 'operator', 'system', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_rolegrant_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_rolegrant_person_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_rolegrant_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rolegrant')),
    sa.UniqueConstraint('person_id', 'role', 'organisation_id', name=op.f('uq_rolegrant_person_id_role_organisation_id'))
    )
    with op.batch_alter_table('rolegrant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rolegrant_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_rolegrant_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_rolegrant_stream_id'), ['stream_id'], unique=False)

    op.create_table('contest',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('title', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('goal', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('tasks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('problem', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('submit_to', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('themes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('budget', sa.BigInteger(), nullable=False),
    sa.Column('awards', sa.Integer(), nullable=False),
    sa.Column('announced_on', sa.Date(), nullable=False),
    sa.Column('cutoff', sa.DateTime(timezone=True), nullable=False),
    sa.Column('zone', sa.String(40), nullable=False),
    sa.Column('project_starts', sa.Date(), nullable=False),
    sa.Column('project_ends', sa.Date(), nullable=False),
    sa.Column('pack', sa.String(40), nullable=False),
    sa.Column('pack_version', sa.String(20), nullable=False),
    sa.Column('pack_sha256', sa.String(64), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('drafted', 'announced', 'closed', 'reviewing', 'decided', 'published', 'finished', 'cancelled', name='conteststatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_contest_programme_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_contest_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_contest_tenant_id_number'))
    )
    with op.batch_alter_table('contest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_stream_id'), ['stream_id'], unique=False)

    op.create_table('application',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sender', sa.String(200), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('package_sha256', sa.String(64), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('review', sa.Integer(), nullable=False),
    sa.Column('theme', sa.String(32), nullable=False),
    sa.Column('title', sa.String(400), nullable=False),
    sa.Column('requested', sa.BigInteger(), nullable=False),
    sa.Column('own_contribution', sa.BigInteger(), nullable=False),
    sa.Column('cure_until', sa.Date(), nullable=True),
    sa.Column('ground', sa.String(80), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('status', sa.Enum('received', 'turned_away', 'opened', 'to_cure', 'complete', 'eligible', 'refused', 'in_review', 'winner', 'reserve', 'passed_over', 'withdrawn', name='applicationstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_application_contest_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_application_organisation_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_application_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('contest_id', 'number', name=op.f('uq_application_contest_id_number')),
    sa.UniqueConstraint('contest_id', 'package_sha256', name=op.f('uq_application_contest_id_package_sha256'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_application_contest_id_status'), ['contest_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_stream_id'), ['stream_id'], unique=False)

    op.create_table('member',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('seat', sa.Enum('chair', 'deputy', 'member', name='seat', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('background', sa.Enum('official', 'expert', name='background', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('relations', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_member_contest_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_member_person_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_member_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('contest_id', 'person_id', name=op.f('uq_member_contest_id_person_id'))
    )
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_contest_id'), ['contest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_member_stream_id'), ['stream_id'], unique=False)

    op.create_table('sitting',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('place', sa.String(200), nullable=False),
    sa.Column('present', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('status', sa.Enum('convened', 'open', 'closed', 'signed', name='sittingstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_sitting_contest_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_sitting_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting'))
    )
    with op.batch_alter_table('sitting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sitting_contest_id'), ['contest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sitting_stream_id'), ['stream_id'], unique=False)

    op.create_table('appeal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('status', sa.Enum('lodged', 'upheld', 'rejected', name='appealstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_appeal_application_id')),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_appeal_contest_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_appeal_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal'))
    )
    with op.batch_alter_table('appeal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appeal_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appeal_contest_id'), ['contest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appeal_stream_id'), ['stream_id'], unique=False)

    op.create_table('assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('review', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('because', sa.String(200), nullable=False),
    sa.Column('status', sa.Enum('assigned', 'declined', 'done', name='assignmentstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_assignment_application_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_assignment_member_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_assignment_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment')),
    sa.UniqueConstraint('member_id', 'application_id', 'review', name=op.f('uq_assignment_member_id_application_id_review'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignment_member_id'), ['member_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignment_stream_id'), ['stream_id'], unique=False)

    op.create_table('contract',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('own_contribution', sa.BigInteger(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('indicators', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('milestones', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.Column('balance', sa.BigInteger(), nullable=False),
    sa.Column('returned', sa.BigInteger(), nullable=False),
    sa.Column('evaluation', sa.Enum('successful', 'satisfactory', 'unsatisfactory', name='evaluation', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('status', sa.Enum('prepared', 'drafted', 'signed', 'evaluated', 'closed', 'terminated', name='contractstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('refunds', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('language', sa.Enum('ky', 'ru', 'en', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('refund_until', sa.Date(), nullable=True),
    sa.Column('rungs', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('wakes_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_contract_application_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_contract_organisation_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_contract_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract')),
    sa.UniqueConstraint('application_id', name=op.f('uq_contract_application_id')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_contract_tenant_id_number'))
    )
    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contract_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contract_wakes_on'), ['wakes_on'], unique=False)

    op.create_table('declaration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Uuid(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('conflict', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('found', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_declaration_application_id')),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_declaration_contest_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_declaration_member_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_declaration_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration')),
    sa.UniqueConstraint('member_id', 'application_id', name=op.f('uq_declaration_member_id_application_id'))
    )
    with op.batch_alter_table('declaration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_declaration_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_declaration_contest_id'), ['contest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_declaration_stream_id'), ['stream_id'], unique=False)

    op.create_table('finding',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('rule', sa.String(80), nullable=False),
    sa.Column('severity', sa.Enum('blocks', 'to_cure', 'notice', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('kind', sa.Enum('D01', 'D02', 'D03', 'D04', 'D05', 'D06', 'D07', 'D08', 'D09', 'D10', 'D11', 'D12', 'D13', 'D14', 'D15', 'D16', 'D17', 'D18', 'receipt', 'bundle', 'minutes', 'contract', 'announcement', 'notice', 'programme_report', 'financial_report', 'payment_order', 'overview', 'disposal', 'other', name='kind', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('document_id', sa.Uuid(), nullable=True),
    sa.Column('page', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('placeholder', sa.Boolean(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('open', 'cured', 'overridden', name='findingstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_finding_application_id')),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_finding_document_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_finding_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding'))
    )
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_finding_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_finding_stream_id'), ['stream_id'], unique=False)

    op.create_table('item',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('recused', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('entitled', sa.Integer(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=False),
    sa.Column('needed', sa.Integer(), nullable=False),
    sa.Column('votes_for', sa.Integer(), nullable=False),
    sa.Column('votes_against', sa.Integer(), nullable=False),
    sa.Column('votes_abstain', sa.Integer(), nullable=False),
    sa.Column('casting_vote', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('status', sa.Enum('open', 'recommended', 'not_recommended', name='itemstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_item_application_id')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_item_sitting_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_item_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item')),
    sa.UniqueConstraint('sitting_id', 'application_id', name=op.f('uq_item_sitting_id_application_id'))
    )
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_sitting_id'), ['sitting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_stream_id'), ['stream_id'], unique=False)

    op.create_table('sheet',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('review', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('points', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('comments', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_sheet_application_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_sheet_member_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_sheet_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet')),
    sa.UniqueConstraint('member_id', 'application_id', 'review', name=op.f('uq_sheet_member_id_application_id_review'))
    )
    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sheet_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sheet_member_id'), ['member_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sheet_stream_id'), ['stream_id'], unique=False)

    op.create_table('ballot',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('choice', sa.Enum('for', 'against', 'abstain', name='choice', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_ballot_item_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_ballot_member_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_ballot_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballot')),
    sa.UniqueConstraint('item_id', 'member_id', name=op.f('uq_ballot_item_id_member_id'))
    )
    with op.batch_alter_table('ballot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ballot_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ballot_stream_id'), ['stream_id'], unique=False)

    op.create_table('period',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('of', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('final', sa.Boolean(), nullable=False),
    sa.Column('rungs', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('status', sa.Enum('planned', 'open', 'received', 'returned', 'accepted', 'dropped', name='periodstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('paused_on', sa.Date(), nullable=True),
    sa.Column('wakes_on', sa.Date(), nullable=True),
    sa.Column('parts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.Column('check_until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_period_contract_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_period_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_period')),
    sa.UniqueConstraint('contract_id', 'number', name=op.f('uq_period_contract_id_number'))
    )
    with op.batch_alter_table('period', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_period_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_period_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_period_wakes_on'), ['wakes_on'], unique=False)

    op.create_table('tranche',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('after_period', sa.Integer(), nullable=False),
    sa.Column('conditions', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('unmet', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('order_number', sa.String(40), nullable=True),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Enum('planned', 'held', 'ordered', 'paid', name='tranchestatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('lifted', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_tranche_contract_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_tranche_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tranche')),
    sa.UniqueConstraint('contract_id', 'number', name=op.f('uq_tranche_contract_id_number')),
    sa.UniqueConstraint('order_number', name=op.f('uq_tranche_order_number'))
    )
    with op.batch_alter_table('tranche', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tranche_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tranche_stream_id'), ['stream_id'], unique=False)

    op.create_table('visit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('seen', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_visit_contract_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_visit_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_stream_id'), ['stream_id'], unique=False)

    op.create_table('mend',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('done', sa.String(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Enum('asked', 'told', 'mended', 'waived', name='mendstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('check_until', sa.Date(), nullable=True),
    sa.Column('rungs', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('wakes_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_mend_contract_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_mend_stream_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_mend_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mend')),
    sa.UniqueConstraint('contract_id', 'number', name=op.f('uq_mend_contract_id_number'))
    )
    with op.batch_alter_table('mend', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mend_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mend_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mend_wakes_on'), ['wakes_on'], unique=False)

    op.create_table('report',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('period_id', sa.Uuid(), nullable=False),
    sa.Column('package_sha256', sa.String(64), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('read', sa.Boolean(), nullable=False),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('indicators', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('remarks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('explanation', sa.String(), nullable=False),
    sa.Column('explanations', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('parts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('refused', sa.Boolean(), nullable=False),
    sa.Column('opening', sa.BigInteger(), nullable=True),
    sa.Column('closing', sa.BigInteger(), nullable=True),
    sa.Column('expenses', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('checkpoints', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['period_id'], ['period.id'], name=op.f('fk_report_period_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_report_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('period_id', 'package_sha256', name=op.f('uq_report_period_id_package_sha256'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_package_sha256'), ['package_sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_period_id'), ['period_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_stream_id'), ['stream_id'], unique=False)

    op.create_table('parcel',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'folder', 'bucket', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('source', sa.String(200), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('sender', sa.String(200), nullable=False),
    sa.Column('subject', sa.String(400), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('obstacle', sa.Enum('no_contract', 'several_contracts', 'strange_sender', 'no_period', 'wrong_moment', 'nothing_attached', 'too_large', 'unusable', 'unreadable', 'unopened', name='obstacle', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('detail', sa.String(200), nullable=False),
    sa.Column('contract_id', sa.Uuid(), nullable=True),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('asked', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('status', sa.Enum('waiting', 'filed', 'set_aside', name='parcelstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_parcel_contract_id')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_parcel_report_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_parcel_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcel')),
    sa.UniqueConstraint('tenant_id', 'sha256', name=op.f('uq_parcel_tenant_id_sha256'))
    )
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_parcel_stream_id'), ['stream_id'], unique=False)

    op.create_table('eventword',
    sa.Column('word', sa.String(40).with_variant(sa.String(40, collation='C'), 'postgresql'), nullable=False),
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.PrimaryKeyConstraint('word', 'position', 'digest', name=op.f('pk_eventword')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('eventword', schema=None) as batch_op:
        batch_op.create_index('ix_eventword_digest', ['digest'], unique=False, sqlite_where=sa.text("digest <> ''"), postgresql_where=sa.text("digest <> ''"))

    op.create_table('worded',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worded'))
    )

    op.create_table('indexed',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indexed'))
    )

    op.create_table('legalhold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('scope', sa.Enum('case', 'contest', 'person', 'customer', name='scope', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.String(200), nullable=False),
    sa.Column('act', sa.String(300), nullable=False),
    sa.Column('number', sa.String(80), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('ordered_by', sa.String(300), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('lifted_by', sa.String(300), nullable=False),
    sa.Column('lifted_number', sa.String(80), nullable=False),
    sa.Column('lifted_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Enum('placed', 'lifted', name='holdstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['stream.id'], name=op.f('fk_legalhold_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legalhold'))
    )
    with op.batch_alter_table('legalhold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legalhold_stream_id'), ['stream_id'], unique=False)

    for statement in statements(op.get_bind().dialect.name, RECORDED):
        op.execute(statement)



def downgrade() -> None:
    raise RuntimeError("the first shape has nothing before it")
