# ruff: noqa: ASYNC240 - small files, read before anything else runs in this loop
"""Puts the deployments of prefect.yaml on a Prefect server, by its client: `prefect deploy` takes twenty seconds."""

import json
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.flows import load_flow_arguments_from_entrypoint
from prefect.utilities.callables import parameter_schema_from_entrypoint
from prefect.workers.process import ProcessWorker

from services.plan import entries, fingerprint

POOL = "ashar"
RUNS_AT_ONCE = 2


async def apply(client: PrefectClient, plan: Path, memory: Path) -> list[str]:
    """Make pool and deployments as the plan says, unless `memory` knows it was done. Returns what was made."""
    await _pool(client)
    wanted = entries(plan)
    mark = fingerprint(plan)
    present = {deployment.name for deployment in await client.read_deployments()}
    known = json.loads(memory.read_text()) if memory.exists() else {}
    if known.get("mark") == mark and {entry["name"] for entry in wanted} <= present:
        return []
    made = [await _deploy(client, entry) for entry in wanted]
    memory.write_text(json.dumps({"mark": mark, "made": made}))
    return made


async def _pool(client: PrefectClient) -> None:
    try:
        pool = await client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        wanted = WorkPoolCreate(name=POOL, type="process", base_job_template=template, concurrency_limit=RUNS_AT_ONCE)
        await client.create_work_pool(wanted)
        return
    if pool.concurrency_limit != RUNS_AT_ONCE:
        await client.update_work_pool(POOL, WorkPoolUpdate(concurrency_limit=RUNS_AT_ONCE))


async def _deploy(client: PrefectClient, entry: dict[str, Any]) -> str:
    entrypoint = entry["entrypoint"]
    told = load_flow_arguments_from_entrypoint(entrypoint, {"name", "description"})
    name = told.get("name") or entrypoint.rpartition(".")[2].replace("_", "-")
    limit = entry.get("concurrency_limit")
    pool = entry["work_pool"]
    await client.create_deployment(
        flow_id=await client.create_flow_from_name(name),
        name=entry["name"],
        description=entry.get("description"),
        tags=entry.get("tags"),
        parameters=entry.get("parameters"),
        work_pool_name=pool["name"],
        work_queue_name=pool.get("work_queue_name"),
        entrypoint=entrypoint,
        pull_steps=[],
        schedules=[_schedule(one) for one in entry.get("schedules", [])],
        concurrency_limit=ConcurrencyLimitConfig(**limit).limit if limit else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=limit["collision_strategy"]) if limit else None,
        parameter_openapi_schema=parameter_schema_from_entrypoint(entrypoint).model_dump_for_openapi(),
        enforce_parameter_schema=False,
    )
    return f"{name}/{entry['name']}"


def _schedule(entry: dict[str, Any]) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=entry["cron"], timezone=entry["timezone"]),
        slug=entry["slug"],
        active=entry.get("active", True),
        parameters=entry.get("parameters", {}),
    )
