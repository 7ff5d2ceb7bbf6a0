"""`ashar witness`: a witness of other people's logs. It needs no database, and its folder is `witness` in the home folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import answer, choices, named, still

if TYPE_CHECKING:
    from storage.full_witness import Fetch
    from storage.witness import Witness

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

PATH = "/add-checkpoint"
BUNDLE = 4_000_000  # bytes of 256 entries at most

Full = Annotated[
    list[str] | None,
    typer.Option(
        "--full", metavar="ORIGIN=PLACE", help="Read all entries of this log too, from an address or a folder."
    ),
]


def witness_of(ctx: typer.Context, full: Sequence[str] = ()) -> "Witness":
    """The witness of this home folder; a full one of the logs that `full` names, each as ORIGIN=PLACE."""
    import time

    from storage.witness import Witness

    sources = {origin: _source(place) for origin, place in named(full, "--full", str).items()}
    return Witness(choices(ctx).home.absolute() / "witness", time.time, sources)


def _source(place: str) -> "Fetch":
    """Where the entries of a log lie: an address, or a folder."""
    from services.small_http import fetch

    if place.startswith(("http://", "https://")):
        return lambda name: fetch(f"{place.rstrip('/')}/{name}", limit=BUNDLE, seconds=3)

    def read(name: str) -> bytes | None:
        try:
            with (Path(place) / name).open("rb") as file:
                return file.read(BUNDLE)
        except OSError:
            return None

    return read


@app.command("key")
def key(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the witness, as an address without https://; said once.")] = "",
    full: Annotated[
        bool, typer.Option("--full", help="The key of a full witness, which has read every entry.")
    ] = False,
) -> None:
    """Make the witness's key and memory, or show its verifier line again; the line goes to whoever keeps the log."""
    witness = witness_of(ctx)
    cosigner = witness.make(name) if name else witness.cosigner()
    cosigner = witness.full_cosigner() if full else cosigner
    answer(ctx, {"name": cosigner.name, "verifier": cosigner.line}, text=cosigner.line)


@app.command("follow")
def follow(
    ctx: typer.Context,
    verifier: Annotated[
        str, typer.Argument(metavar="LINE", help="Verifier line of the log, as its keeper published it.")
    ],
) -> None:
    """Cosign heads of this log from now on. The line is compared with the published one by a person, before."""
    witness = witness_of(ctx)
    witness.cosigner()
    witness.follow(verifier)
    answer(ctx, {"logs": witness.logs()}, text="\n".join(witness.logs()))


@app.command("serve")
def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen at; others than this machine's own need a proxy with TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0: any that is free.")] = 8421,
    full: Full = None,
) -> None:
    """Answer requests over HTTP until stopped: POST /add-checkpoint, as C2SP tlog-witness has it."""
    import signal
    import threading

    from schemas.wording import say
    from services.small_http import Limits, Question, Reply, SmallServer
    from storage.witness import LARGEST

    witness = witness_of(ctx, full or ())
    line = witness.cosigner().line
    witness.logs()

    def reply(question: Question) -> Reply:
        if question.method == "POST" and question.path == PATH:
            due = witness.answer(question.body)
            return Reply(due.status, due.body, due.type, due.why)
        if question.method == "GET" and question.path == "/":
            return Reply(200, f"{line}\n")
        return Reply(404, "not here\n", why="path")

    server = SmallServer((host, port), reply, Limits(body=LARGEST), still)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: threading.Thread(target=server.shutdown).start())
    still(say("cli.witness.serving", choices(ctx).tongue, where=f"http://{host}:{server.port}", line=line))
    with server:
        server.serve_forever(poll_interval=0.2)


@app.command("cosign")
def cosign(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The request, as `ashar audit offer` wrote it.")],
    to: Annotated[Path | None, typer.Option("--to", help="File to write to; else FILE with `.cosigned` added.")] = None,
) -> None:
    """Cosign one request by hand, from a file that came on a stick; the answer is a file to carry back."""
    from schemas.errors import NotCosigned
    from schemas.wording import say
    from storage.witness import LARGEST, Request

    with file.open("rb") as source:
        body = source.read(LARGEST + 1)
    due = witness_of(ctx).answer(body)
    request = Request.read(body)
    if due.status != 200 or request is None:
        size = int(due.body) if due.status == 409 else None
        raise NotCosigned(why=due.why, **({} if size is None else {"size": size}))
    target = to or file.with_name(f"{file.name}.cosigned")
    target.write_text(request.note + due.body, "utf-8")
    facts = {"file": str(target), "size": target.stat().st_size}
    answer(ctx, {**facts, "cosignature": due.body.strip()}, text=say("cli.saved", choices(ctx).tongue, **facts))


@app.command("prove")
def prove(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of evidence; else those that this witness keeps.")
    ] = None,
) -> None:
    """What logs have signed that does not go together, verified anew; exit code 69 for a fraud."""
    from dataclasses import asdict

    from schemas.wording import say
    from storage.witness import judge

    at = choices(ctx)
    found = [judge(one) for one in files] if files else witness_of(ctx).evidence()
    lines = [
        say(
            f"cli.witness.{'dishonest' if one.why else 'proven' if one.proven else 'suspected'}",
            at.tongue,
            file=one.file,
            origin=one.origin,
            first=one.sizes[0],
            second=one.sizes[1],
            root=one.roots[0],
            other=one.roots[1],
            why=one.why,
            position=one.position,
        )
        for one in found
    ]
    answer(ctx, [asdict(one) for one in found], text="\n".join(lines or [say("cli.witness.nothing", at.tongue)]))
    if any(one.proven or one.why for one in found):
        raise typer.Exit(69)
