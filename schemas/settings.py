"""Settings of one installation: environment variables `ASHAR_…`, or `ashar.env` in the home folder."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Store(StrEnum):
    """Where bytes lie: an S3 server that `ashar up` runs, an S3 server elsewhere, or a folder."""

    EMBEDDED = "embedded"
    S3 = "s3"
    FOLDER = "folder"


class Settings(BaseSettings):
    """Every setting, its default and what it is for; `docs/settings.md` is made from these words."""

    model_config = SettingsConfigDict(env_prefix="ASHAR_", env_file=None, extra="ignore")

    home: Path = Field(
        default=Path(".ashar"), description="Folder of this installation: database, objects, keys, logs."
    )
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL address (postgresql+psycopg://…). Empty: SQLite in the home folder."
    )
    retention_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL address under the role that may delete personal values (`ashar db grant --erases`). "
        "Set it where redaction and disposal are done, and nowhere else. SQLite needs none.",
    )
    store: Store = Field(
        default=Store.EMBEDDED, description="Where files lie: embedded (own S3 server), s3, or folder."
    )
    s3_endpoint: str = Field(default="", description="Host and port of the S3 server, for store = s3.")
    s3_secure: bool = Field(default=True, description="Whether the S3 server is spoken to over TLS.")
    s3_region: str = Field(default="us-east-1", description="Region name sent to the S3 server.")
    s3_access_key: SecretStr = Field(default=SecretStr(""), description="Access key of the S3 server.")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="Secret key of the S3 server.")
    s3_bucket: str = Field(
        default="ashar", description="Bucket for all objects; made with versions and object lock if absent."
    )
    smtp_host: str = Field(
        default="", description="Mail server. Empty: letters go to the folder `outbox` in the home folder."
    )
    smtp_port: int = Field(default=25, description="Port of the mail server.")
    smtp_user: str = Field(default="", description="User of the mail server, if it asks for one.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password of the mail server.")
    smtp_starttls: bool = Field(default=False, description="Whether to switch to TLS before the letter is handed over.")
    mail_from: str = Field(default="ashar@localhost", description="Sender of every letter.")
    zone: str = Field(
        default="Asia/Bishkek", description="Time zone of schedules; a contest has its own zone for deadlines."
    )
    language: str = Field(
        default="ky", description="Language of the command line when none is asked for: ky, ru or en."
    )
    clock: Path | None = Field(
        default=None, description="File with the instant that a simulation runs at (ISO, UTC). Empty: real time."
    )
    prefect_api_url: str = Field(
        default="", description="Address of a Prefect server. Empty: the one that `ashar up` runs."
    )
    file_limit: int = Field(default=100_000_000, description="Largest single file that is read, in bytes.")
    package_limit: int = Field(default=250_000_000, description="Largest package that is taken in, in bytes.")
    clamd: str = Field(
        default="",
        description="ClamAV's daemon, unix:/path or host:port (in clear: on this machine). "
        "Empty: files are not checked for malware.",
    )
    signature_roots: Path | None = Field(
        default=None,
        description="Folder with certificates (PEM or DER: .pem, .crt, .cer, .der) of the certification centres "
        "whose signers are trusted. "
        "Empty: signatures are checked, none is called trusted.",
    )
    sources: Path | None = Field(
        default=None,
        description="File of mailboxes, watched folders and buckets that reports come in by (TOML, mode 600). "
        "Empty: `sources.toml` in the home folder, if there.",
    )
    witness_policy: Path | None = Field(
        default=None,
        description="File of witnesses and of how many make a quorum (C2SP tlog-policy). "
        "Empty: `policy.txt` in the home folder, if there; without it nobody is asked.",
    )
    tray_days: int = Field(
        default=3,
        description="Working days after which the coordinator is asked after what waits in the tray of reports; "
        "after twice as many the head.",
    )
    parser_cpu_seconds: int = Field(default=20, description="CPU seconds that reading one file may take.")
    parser_memory: int = Field(
        default=1_000_000_000, description="Address space that reading one file may take, in bytes."
    )
    lease_seconds: int = Field(
        default=300, description="How long a worker may hold an errand before another takes it over."
    )
    attempts: int = Field(default=5, description="How often an errand is tried before it becomes a person's task.")
    log_origin: str = Field(
        default="",
        description="Name of the signed log in every checkpoint, best an address of the customer's (example.kg/ashar). "
        "It can never change once something was signed. Empty: a name made of the log's first key.",
    )
    log_key: Path | None = Field(
        default=None,
        description="File of the private key that signs the log, for the notary alone. "
        "Empty: `keys/log.key` in the home folder, made when first needed.",
    )
    notary: bool = Field(
        default=True,
        description="Whether `ashar up` runs the notary, which signs the log. Off where it has a user of its own.",
    )
    notary_database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL address under the notary's role. Empty: the application's own, which then has to be allowed to seal.",
    )

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        if self.database_url is not None and self.database_url.get_secret_value():
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'ashar.db').absolute()}"


def load(home: Path) -> Settings:
    """The settings of the installation in `home`: its file `ashar.env`, overruled by the environment."""
    return Settings(home=home, _env_file=home / "ashar.env")  # pyright: ignore[reportCallIssue]
