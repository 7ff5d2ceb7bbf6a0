"""The real parts that are attacked: PostgreSQL with its roles, SQLite's file, an S3 server with object lock."""

from tests.storage.conftest import database, engine, postgres, s3, sqlite_template

__all__ = ["database", "engine", "postgres", "s3", "sqlite_template"]
