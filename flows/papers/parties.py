"""The two sides of a paper: the customer with its head, and the organisation."""

import re
from typing import Final

from documents.clauses import Party
from flows.papers.law import both, text
from schemas.application import Organisation
from schemas.customer import Customer, Person

# what officers write before the colon, folded to letters only
_KEYS: Final = {
    **dict.fromkeys(("address", "дареги", "дарек", "адрес", "юридикалыкдареги", "юридическийадрес"), "address"),
    **dict.fromkeys(("inn", "инн", "tin"), "inn"),
    **dict.fromkeys(("okpo", "окпо", "уидк"), "okpo"),
    **dict.fromkeys(("bank", "банк", "банкы"), "bank"),
    **dict.fromkeys(("bik", "бик", "bic"), "bik"),
    **dict.fromkeys(
        ("account", "bankaccount", "эсеп", "эсеби", "ээ", "рс", "эсептешүүэсеби", "счёт", "счет", "расчётныйсчёт"),
        "account",
    ),
    **dict.fromkeys(("phone", "tel", "тел", "телефон", "телефону"), "phone"),
    **dict.fromkeys(("email", "mail", "почта", "электрондукпочта", "электроннаяпочта"), "email"),
    **dict.fromkeys(("post", "кызматы", "кызмат", "должность"), "post"),
    **dict.fromkeys(("actson", "негизи", "основание"), "acts_on"),
}
_LINE: Final = re.compile(
    r"\s*(?P<key>[^:=]{1,40}?)\s*(?:[._\[( -](?P<language>ky|ru|en)[\])]?)?\s*[:=]\s*(?P<value>.*\S)"
)
_NOT_LETTERS: Final = re.compile(r"[^a-zа-яёөүң]")


def requisites(given: str) -> dict[str, dict[str, str]]:
    """Lines "key: value" as {key: Words}. "address.ky: …" gives one language; what is not known by name is left out."""
    found: dict[str, dict[str, str]] = {}
    for line in given.splitlines():
        match = _LINE.match(line)
        key = _KEYS.get(_NOT_LETTERS.sub("", match["key"].casefold())) if match else None
        if match is None or key is None:
            continue
        found.setdefault(key, {})[(match["language"] or "ky").casefold()] = match["value"]
    return found


def customer_party(customer: Customer, head: Person | None) -> Party:
    """The customer as a side of a paper. What its requisites do not say stays empty, to be seen before signing."""
    known = requisites(customer.requisites)

    def plain(key: str) -> str:
        return text(known.get(key, {})).ky

    return Party(
        name=text(customer.name),
        head=text(head.name if head is not None else ""),
        post=text(known["post"]) if "post" in known else both("paper.post.customer"),
        acts_on=text(known["acts_on"]) if "acts_on" in known else both("paper.acts_on.customer"),
        address=text(known["address"]) if "address" in known else text(customer.city),
        inn=plain("inn"),
        okpo=plain("okpo"),
        bank=plain("bank"),
        bik=plain("bik"),
        account=plain("account"),
        phone=plain("phone"),
        email=plain("email"),
    )


def contractor_party(organisation: Organisation) -> Party:
    """The organisation as a side of a paper."""
    return Party(
        name=text(organisation.name),
        head=text(organisation.head),
        post=both("paper.post.contractor"),
        acts_on=both("paper.acts_on.contractor"),
        address=text(organisation.address),
        inn=organisation.inn,
        okpo=organisation.okpo,
        account=organisation.bank_account,
        phone=organisation.phone,
        email=organisation.email,
    )
