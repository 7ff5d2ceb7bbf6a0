"""What prefect.yaml says, read without Prefect."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

PLAN = Path(__file__).resolve().parent.parent / "prefect.yaml"


def entries(plan: Path) -> list[dict[str, Any]]:
    """Deployments of the plan."""
    return yaml.safe_load(plan.read_text(encoding="utf-8"))["deployments"]


def modules(plan: Path) -> list[str]:
    """Modules in which the flows of the plan live."""
    return sorted({entry["entrypoint"].rpartition(".")[0] for entry in entries(plan)})


def fingerprint(plan: Path) -> str:
    """Changes when the plan or a flow file beside it changes."""
    digest = hashlib.sha256(plan.read_bytes())
    for module in modules(plan):
        source = plan.parent / (module.replace(".", "/") + ".py")
        digest.update(source.read_bytes() if source.exists() else b"")
    return digest.hexdigest()
