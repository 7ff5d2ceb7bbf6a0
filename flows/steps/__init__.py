"""Steps: load, decide, record. Plain functions by stage, shared by the command line and the flows; none knows Prefect."""
