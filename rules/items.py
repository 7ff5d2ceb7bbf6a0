"""One value of the law, with the act that it comes from, and the kinds of numbers that values are."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Strict, Generic[T]):
    """One value of the law: what, by which act and article (or "comparator: …"), and whether a lawyer verified it."""

    value: T
    source: str = Field(min_length=1)
    status: Literal["verified", "placeholder"]

    @property
    def placeholder(self) -> bool:
        return self.status == "placeholder"


Percent = Annotated[int, Field(ge=0, le=100)]
Share = Annotated[str, Field(pattern=r"^[1-9][0-9]*/[1-9][0-9]*$")]
Count = Annotated[int, Field(ge=0)]
