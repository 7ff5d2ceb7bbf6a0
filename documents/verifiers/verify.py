"""Verifies a dossier of Ashar: Python's standard library, one file, no network, nothing is unpacked to the disk.

    python3 verify.py case.zip --key 'ashar+1234abcd+AaBb…'     (or --policy FILE, as C2SP tlog-policy has it)

Says that the events are complete and unaltered up to a signed checkpoint, or the first thing that is wrong. Take this file
and the key from the one who published them: a forged dossier would bring a forged verifier. The format is in docs/dossier.md
of Ashar; below are the words (code, Kyrgyz, Russian, English), Ed25519, the zip, JSON, and then the nine steps in order.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import datetime, timezone

LANGUAGES = ("ky", "ru", "en")
WORDS = """
E01|Бул досье эмес, же файл бузулган: zip досье жазылгандай жазылган эмес.|Это не досье, или файл повреждён: zip записан не так, как пишутся досье.|This is no dossier, or the file is damaged: the zip is not written as dossiers are.
E02|Досьенин ичинде бөтөн бөлүк бар, же бөлүгү жетишпейт: {place}.|В досье есть посторонняя часть, или части не хватает: {place}.|The dossier has a part that does not belong there, or lacks one: {place}.
E03|Бөлүк өтө чоң: {place}.|Часть слишком велика: {place}.|A part is too large: {place}.
E04|Бөлүк бузулган, аны ачууга болбойт: {place}.|Часть повреждена и не раскрывается: {place}.|A part is damaged and cannot be unpacked: {place}.
E05|Тизме бөлүктөргө туура келбейт: {place}.|Опись не совпадает с частями: {place}.|The manifest does not agree with the parts: {place}.
E06|Жазуу белгиленген түрдө эмес: {place}.|Запись не в установленном виде: {place}.|A record is not in the prescribed form: {place}.
E07|Жазууда ашыкча нерсе бар, же бир нерсе жетишпейт: {place}.|В записи есть лишнее, или чего-то не хватает: {place}.|A record has something too much or too little: {place}.
E08|Көзөмөл чекити жаңылыш жазылган.|Контрольная точка записана неверно.|The checkpoint is not written as it should be.
E09|Сиз берген ачкыч же эреже жарабайт.|Заданный вами ключ или правило не годится.|The key or policy that you gave is not usable.
E10|Көзөмөл чекитине бул ачкыч менен кол коюлган эмес.|Контрольная точка не подписана этим ключом.|The checkpoint is not signed with this key.
E11|Көзөмөл чекитинин астындагы кол туура эмес.|Подпись под контрольной точкой неверна.|The signature under the checkpoint is wrong.
E12|Күбөнүн колу туура эмес: {place}.|Подпись свидетеля неверна: {place}.|The signature of a witness is wrong: {place}.
E13|Эреже талап кылган күбөлөрдүн колу жетишпейт.|Не хватает подписей свидетелей, которых требует правило.|The signatures of witnesses that the policy asks for are not there.
E14|Далил башка көзөмөл чекитине же башка журналга тиешелүү.|Доказательство относится к другой контрольной точке или другому журналу.|The proof belongs to another checkpoint or another log.
E15|Карта бүт журналды камтыбайт.|Карта охватывает не весь журнал.|The map does not cover the whole log.
E16|Карта бул көзөмөл чекитинин журналында жок.|Карты нет в журнале этой контрольной точки.|The map is not in the log of this checkpoint.
E17|Агымдардын тизмеси досьенин атына туура келбейт: {place}.|Список потоков не соответствует названию досье: {place}.|The list of streams does not fit the dossier's name: {place}.
E18|Окуя бул досьеге тиешелүү эмес: {place}.|Событие не относится к этому досье: {place}.|An event does not belong to this dossier: {place}.
E19|Окуялардын номерлери үзгүлтүктүү: {place}.|Номера событий идут с пропуском: {place}.|The numbers of the events have a gap: {place}.
E20|Окуя мурункусуна байланган эмес: {place}.|Событие не связано с предыдущим: {place}.|An event is not linked to the one before: {place}.
E21|Окуянын мазмуну журналдагыга туура келбейт: {place}.|Содержание события не совпадает с записью журнала: {place}.|What an event says does not fit the log's record of it: {place}.
E22|Окуялардын саны башка (тиркелген, журналда): {place}.|Число событий другое (приложено, в журнале): {place}.|The number of events is another one (enclosed, in the log): {place}.
E23|Окуялар журналдагыдай эмес: бири өзгөртүлгөн, алынган, кошулган же орду алмашкан.|События не те, что в журнале: что-то изменено, убрано, добавлено или переставлено.|The events are not those of the log: something was altered, removed, added or moved.
E24|Жеке маани окуяда айтылганга туура келбейт: {place}.|Личное значение не совпадает с тем, что указано в событии: {place}.|A personal value is not the one that the event speaks of: {place}.
E25|Жеке маани бул окуяларга тиешелүү эмес же орду башка: {place}.|Личное значение не относится к этим событиям или стоит не на месте: {place}.|A personal value belongs to none of these events or stands in a wrong place: {place}.
E26|Файлдын мазмуну башка: {place}.|Содержание файла другое: {place}.|The content of a file is another one: {place}.
E27|Файлдардын тизмеси окуяларга туура келбейт: {place}.|Список файлов не соответствует событиям: {place}.|The list of files does not fit the events: {place}.
E28|Мурунку көзөмөл чекити бул журналдын башталышы эмес: {place}.|Прежняя контрольная точка не является началом этого журнала: {place}.|An earlier checkpoint is not the beginning of this log: {place}.
E29|Дүмүрчөктө башка журнал көрсөтүлгөн: журнал кайра жазылган.|В расписке указан другой журнал: журнал был переписан.|The receipt tells of another log: the log was rewritten.
E30|Дүмүрчөктөгү чекит бул досьеде жок, ошондуктан салыштырууга болбойт.|Точки из расписки в этом досье нет, поэтому сравнить нельзя.|The checkpoint of the receipt is not in this dossier and cannot be compared.
E31|Жабуу жөнүндө күбөлүк туура эмес: {place}.|Справка о закрытии неверна: {place}.|The closing certificate is wrong: {place}.
E32|Дүмүрчөктүн жазуусу туура эмес.|Строка расписки записана неверно.|The line of the receipt is not written as it should be.
E33|Жеке маани жок, ал өчүрүлгөнүн бир да окуя айтпайт: {place}.|Личного значения нет, и ни одно событие не говорит, что оно удалено: {place}.|A personal value is missing, and no event says that it was erased: {place}.
good|Толук жана өзгөртүүсүз: {size}-көзөмөл чекитине чейин, {at}|Полно и без изменений: до контрольной точки {size} от {at}|Complete and unaltered up to checkpoint {size} of {at}
bad|Ишенүүгө болбойт: текшерүү өткөн жок|Доверять нельзя: проверка не пройдена|Not to be trusted: the check failed
of_case|Билдирме {name}|Заявка {name}|Case {name}
of_contest|Конкурс {name}|Конкурс {name}|Contest {name}
of_closing|{name} конкурсун жабуу жөнүндө күбөлүк|Справка о закрытии конкурса {name}|Closing certificate of contest {name}
of_other|{name}|{name}|{name}
events|Окуялар: {count}. Бири да калтырылган эмес.|Событий: {count}. Ни одно не пропущено.|Events: {count}. None is left out.
bodiless|{count} окуянын мазмуну тиркелген эмес; алардын орду жана саны далилденген.|У {count} событий содержание не приложено; их место и число доказаны.|Of {count} events the content is not enclosed; their place and number are proved.
received|Жабуу учурунда келген билдирмелер: {count}. Башкасы болгон эмес.|Заявок, поступивших к закрытию: {count}. Других не было.|Applications that had come by the closing: {count}. There were no others.
turned_away|Алардын ичинен кабыл алынбаганы: {count}.|Из них не принято: {count}.|Of these turned away: {count}.
after|Жабылгандан кийин келгени: {count}.|Поступило после закрытия: {count}.|Came after the closing: {count}.
redacted|Өчүрүлгөн жеке маанилер: {count}. Алардын изи калган.|Удалено личных значений: {count}. Их следы остались.|Personal values erased: {count}. Their traces remain.
erasure|{at} өчүрүлгөнү: {count}. Негизи: {order}, № {number}, {on}.|Удалено {at}: {count}. Основание: {order}, № {number}, {on}.|Erased on {at}: {count}. Ground: {order}, No. {number}, {on}.
unaccounted|Жетишпеген жеке маанилер, алардын өчүрүлгөнү жөнүндө окуя бул досьеде жок: {count}.|Недостающих личных значений, об удалении которых в этом досье нет события: {count}.|Personal values missing for which this dossier has no event of an erasure: {count}.
withheld|Бул окурмандан жашырылган жеке маанилер: {count}.|Личных значений, скрытых от этого читателя: {count}.|Personal values withheld from this reader: {count}.
files|Тиркелген жана туура файлдар: {count}.|Файлов приложено и верно: {count}.|Files enclosed and right: {count}.
missing|Тиркелбеген файлдар: {count} ({place}).|Файлов не приложено: {count} ({place}).|Files not enclosed: {count} ({place}).
why_gone|сакталган эмес|больше не хранится|no longer kept
why_large|өтө чоң|слишком велик|too large
why_not_asked|бул жерде керек эмес|здесь не нужен|not needed here
key_given|Ачкычты сиз бердиңиз, ал туура келди.|Ключ дали вы, и он подошёл.|You gave the key, and it fits.
key_own|Ачкыч досьенин өзүнөн алынды. Аны шаар жарыялаган ачкыч менен салыштырыңыз: {key}|Ключ взят из самого досье. Сравните его с тем, что опубликовал город: {key}|The key was taken from the dossier itself. Compare it with the one that the city published: {key}
witness|Күбө {name} кол койгон: {at}.|Свидетель {name} подписал: {at}.|Witness {name} signed: {at}.
unknown|Сизге белгисиз күбөлөрдүн текшерилбеген колдору: {count}.|Непроверенных подписей неизвестных вам свидетелей: {count}.|Signatures of witnesses unknown to you, not checked: {count}.
lonely|Күбөлөрдүн текшерилген колу жок: башка бирөөгө башка журнал көрсөтүлгөнүн бул досье жокко чыгарбайт.|Проверенных подписей свидетелей нет: досье не исключает, что другому показали другой журнал.|No signature of a witness was checked: the dossier does not rule out that somebody else is shown another log.
receipt|Дүмүрчөк туура: ошондон бери журнал өзгөртүлгөн эмес.|Расписка верна: с тех пор журнал не изменён.|The receipt fits: the log was not altered since.
not_proved|Далилденбейт: окуяларда жазылгандар чын экени; көзөмөл чекитинен кийин эмне болгону; такыр жазылбаган аракеттер; журналдын өзү ак ниет жүргүзүлгөнү (аны бүт журналды окуган текшерет); хронология менен файлдардын аттары (далил — окуялар).|Не доказывается: что записанное в событиях — правда; что было после контрольной точки; действия, которые вовсе не записаны; что сам журнал ведётся честно (это проверяет тот, кто читает его целиком); хронология и имена файлов (доказательство — сами события).|Not proved: that what the events say is true; what happened after the checkpoint; acts that were never recorded; that the log itself is kept honestly (whoever reads all of it checks that); the timeline and the names of files (the events are the evidence).
first|Биринчи ката|Первая ошибка|The first thing that is wrong
"""
TEXTS = (
    *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "verify.py", "verify.html"),
    *("README-ky.txt", "README-ru.txt", "README-en.txt"),
    *("data/about.json", "data/events.jsonl", "data/disclosures.jsonl", "data/proof.json", "data/checkpoint.txt"),
    *("data/files.json", "data/timeline-ky.txt", "data/timeline-ru.txt", "data/timeline-en.txt"),
)
SKELETONS = "data/skeletons.jsonl"  # only where some event's content is not enclosed
PACK = re.compile(r"data/packs/[0-9a-f]{64}\.toml")  # rules and calendars that events name
LARGEST = 1 << 28  # bytes of one file, and of all texts together
HEX = re.compile(r"[0-9a-f]{64}")
ERASING = ("trail:redact", "trail:dispose")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Wrong(Exception):
    """The first thing that is wrong: the code of a rule, and where."""

    def __init__(self, code, place=""):
        super().__init__(code, str(place))


def need(holds, code, place=""):
    if not holds:
        raise Wrong(code, place)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# -- Ed25519 (RFC 8032) ----------------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def decoded(raw):
    """The point of 32 bytes in extended coordinates, or None."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def added(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor, point):
    total = (0, 1, 1, 0)
    while factor:
        total = added(total, point) if factor & 1 else total
        point, factor = added(point, point), factor >> 1
    return total


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def usable(key):
    """Whether these bytes are a point of the curve, and none of the few for which signatures come by themselves."""
    point = decoded(key)
    return point is not None and times(8, point)[0] % P != 0


def signed(key, message, signature):
    """Whether the signature is this key's over the message."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    x, y, z, _ = added(times(s, BASE), times(ORDER - k, decoded(key)))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# -- the zip: exactly as Ashar writes it, or not at all --------------------------------------------------------------


def contents(file):
    """The directory: name -> (packed, checksum, bytes in the zip, bytes, where)."""
    length = file.seek(0, 2)
    need(length >= 22, "E01")
    file.seek(length - 22)
    sign, disk, disk2, count, count2, size, start, comment = struct.unpack("<4s4H2LH", file.read(22))
    need(sign == b"PK\5\6" and disk == disk2 == comment == 0 and count == count2, "E01")
    need(size <= count * 200 and start + size + 22 == length, "E01")
    file.seek(start)
    directory, at, place, found = file.read(size), 0, 0, {}
    for _ in range(count):
        entry = directory[at : at + 46]
        need(len(entry) == 46 and entry[:6] == b"PK\1\2\x14\3", "E01")
        version, flags, method, time, day, crc, packed, size_of, named, extra = struct.unpack("<5H3L2H", entry[6:32])
        need((version, flags, time, day, extra) == (20, 0, 0, 33, 0) and method in (0, 8), "E01")
        need(entry[32:42] == b"\0\0\0\0\0\0\0\0\x80\1" and entry[42:] == struct.pack("<L", place), "E01")
        raw = directory[at + 46 : at + 46 + named]
        file.seek(place)
        need(len(raw) == named and file.read(30 + named) == b"PK\3\4" + entry[6:32] + raw, "E01")
        name = raw.decode("ascii", "replace")
        enclosed = name.startswith("data/files/") and HEX.fullmatch(name[11:]) is not None
        known = enclosed or name in TEXTS or name == SKELETONS or PACK.fullmatch(name) is not None
        need(known and name not in found, "E02", re.sub(r"[^ -~]", "?", name)[:120])
        need(method == (0 if enclosed else 8) and (not enclosed or packed == size_of), "E01")
        need(size_of <= LARGEST, "E03", name)
        found[name] = (method, crc, packed, size_of, place + 30 + named)
        at, place = at + 46 + named, place + 30 + named + packed
    need(at == size and place == start, "E01")
    for name in TEXTS:
        need(name in found, "E02", name)
    need(sum(one[3] for one in found.values() if one[0]) <= LARGEST, "E03", "data")
    return found


def unpacked(file, name, entry):
    """A text, whole. Never more of it than its directory says."""
    _, crc, packed, size, where = entry
    file.seek(where)
    reader = zlib.decompressobj(-15)
    try:
        text = reader.decompress(file.read(packed), size + 1)
    except zlib.error:
        raise Wrong("E04", name) from None
    need(len(text) == size and reader.eof and not reader.unused_data and not reader.unconsumed_tail, "E04", name)
    need(zlib.crc32(text) == crc, "E04", name)
    return text


def hashed(file, name, entry):
    """SHA-256 of an enclosed file."""
    _, crc, _, left, where = entry
    file.seek(where)
    digest, check = hashlib.sha256(), 0
    while left:
        chunk = file.read(min(left, 1 << 20))
        digest.update(chunk)
        check, left = zlib.crc32(chunk, check), left - len(chunk)
    need(check == crc, "E04", name)
    return digest.hexdigest()


# -- JSON: one spelling for one value --------------------------------------------------------------------------------


def plain(value, depth=0):
    """Whether the value keeps the profile: keys, whole numbers of 53 bits, no deeper than 64."""
    if depth > 64 or isinstance(value, float):
        return False
    if isinstance(value, dict):
        return all(re.fullmatch(r"[a-z][a-z0-9_]*", key) and plain(one, depth + 1) for key, one in value.items())
    if isinstance(value, list):
        return all(plain(one, depth + 1) for one in value)
    return not isinstance(value, int) or abs(value) < 2**53


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def parsed(raw, place):
    """The value of canonical JSON: written again it is the same bytes, so no space, no order and no second key is free."""
    try:
        value = json.loads(raw.decode("utf-8"))
        again = canonical(value)
    except (ValueError, RecursionError):
        raise Wrong("E06", place) from None
    need(again == raw and plain(value), "E06", place)
    return value


def lines(texts, name):
    """Lines of a member, each as it stands, with its place. Nothing but a newline ends a line."""
    raw = texts[name].split(b"\n")
    need(raw.pop() == b"", "E06", name)
    return [(one, f"{name}:{number}") for number, one in enumerate(raw, 1)]


KINDS = {
    "number": lambda one: type(one) is int and one >= 0,
    "text": lambda one: isinstance(one, str),
    "hash": lambda one: isinstance(one, str) and HEX.fullmatch(one) is not None,
    "hashes": lambda one: isinstance(one, list) and all(map(KINDS["hash"], one)),
    "instant": lambda one: isinstance(one, str) and INSTANT.fullmatch(one) is not None,
    "day": lambda one: isinstance(one, str) and re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})?", one) is not None,
    "list": lambda one: isinstance(one, list),
    "object": lambda one: isinstance(one, dict),
    "above": lambda one: one is None or (isinstance(one, list) and len(one) == 2 and all(map(KINDS["text"], one))),
    "flag": lambda one: isinstance(one, bool),
    "v": lambda one: type(one) is int and one == 1,
}


def shaped(value, place, more=False, /, **kinds):
    """The value, once it is seen to have these keys (and no more, unless told) of these kinds."""
    need(
        isinstance(value, dict) and (value.keys() >= kinds.keys() if more else value.keys() == kinds.keys()),
        "E07",
        place,
    )
    for key, kind in kinds.items():
        need(KINDS[kind](value[key]), "E07", f"{place} {key}")
    return value


# -- trees (RFC 6962, RFC 9162) and the map --------------------------------------------------------------------------


def node(left, right):
    return sha256(b"\1", left, right)


def root_of(leaves):
    """The root over leaf hashes."""
    peaks = []
    for number, leaf in enumerate(leaves):
        while number & 1:
            leaf, number = node(peaks.pop(), leaf), number >> 1
        peaks.append(leaf)
    total = peaks.pop() if peaks else sha256()
    while peaks:
        total = node(peaks.pop(), total)
    return total


def last_leaf_root(leaf, size, path):
    """The root of a log whose last leaf this is: its path is the roots of the complete trees before it, smallest first."""
    if len(path) != bin(size - 1).count("1"):
        return b""
    for beside in path:
        leaf = node(beside, leaf)
    return leaf


def consistent(old, new, old_root, new_root, path):
    """Whether the log of `old` leaves is the beginning of that of `new`: RFC 9162, 2.1.4.1, read from the top."""
    left = list(path)

    def roots(old, new, known):
        """Roots of both logs, as far as they stand in this subtree; `known` while the old one fills it from its left edge."""
        if old == new:
            return (old_root, old_root) if known else (left[0], left.pop(0))
        half = 1 << (new - 1).bit_length() - 1
        beside = left.pop()
        if old <= half:
            older, newer = roots(old, half, known)
            return older, node(newer, beside)
        older, newer = roots(old - half, new - half, False)
        return node(beside, older), node(beside, newer)

    try:
        return roots(old, new, True) == (old_root, new_root) and not left
    except IndexError:  # the path is too short
        return False


def key_of(kind, name):
    return sha256(f"ashar:{kind}:{name}".encode())


def in_map(key, count, events_root, beside, root):
    found = sha256(b"\2", key, sha256(b"\4", count.to_bytes(8, "big"), events_root))
    number = int.from_bytes(key, "big")
    for depth in range(len(beside) - 1, -1, -1):
        one = beside[depth]
        found = sha256(b"\3", one, found) if number >> (255 - depth) & 1 else sha256(b"\3", found, one)
    return found == root


# -- keys, policies, signed notes (C2SP) -----------------------------------------------------------------------------


def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""  # left-over bits are zero: one value, one spelling


def key_line(line, kind):
    """(name, id, key) of a verifier line; `kind` is 1 for a log's key, 4 for a witness's."""
    match = re.fullmatch(r"([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", line)
    raw = unbase64(match[3]) if match else b""
    need(len(raw) == 33 and raw[0] == kind and usable(raw[1:]), "E09")
    need(sha256(match[1].encode(), b"\n", raw)[:4].hex() == match[2], "E09")
    return match[1], bytes.fromhex(match[2]), raw[1:]


def policy_of(text):
    """Keys of logs, witnesses, groups and the quorum of a policy; a single verifier line is a policy too."""
    given = {"logs": {}, "witnesses": {}, "groups": {}, "quorum": "none"}
    rows = [re.split(r"[ \t]+", row.strip(" \t\r")) for row in text.split("\n")]
    rows = [row for row in rows if row[0] and not row[0].startswith("#")]
    if len(rows) == 1 and len(rows[0]) == 1:
        rows = [["log", rows[0][0]], ["quorum", "none"]]
    members = []
    for word, *rest in rows:
        known = {**given["witnesses"], **given["groups"]}
        if word == "log" and len(rest) in (1, 2):
            need(rest[0] not in given["logs"], "E09")
            given["logs"][rest[0]] = key_line(rest[0], 1)
        elif word == "witness" and len(rest) in (2, 3) and rest[0] not in known and rest[0] != "none":
            given["witnesses"][rest[0]] = key_line(rest[1], 4)
        elif word == "group" and len(rest) > 2 and rest[0] not in known and rest[0] != "none":
            named = rest[2:]
            least = {"any": "1", "all": str(len(named))}.get(rest[1], rest[1])
            need(re.fullmatch(r"[1-9][0-9]{0,3}", least) and int(least) <= len(named), "E09")
            need(all(one in known for one in named), "E09")
            members += named
            given["groups"][rest[0]] = (int(least), named)
        elif word == "quorum" and len(rest) == 1 and (rest[0] in known or rest[0] == "none"):
            given["quorum"] = rest[0]
        else:
            raise Wrong("E09", word)
    keys = [one[2] for one in given["logs"].values()], [one[2] for one in given["witnesses"].values()]
    need(given["logs"] and sum(row[0] == "quorum" for row in rows) == 1 and len(members) == len(set(members)), "E09")
    need(all(len(one) == len(set(one)) for one in keys), "E09")
    return given


def reached(policy, name, seen):
    """Whether a witness, or enough of a group, has signed."""
    if name in policy["groups"]:
        least, named = policy["groups"][name]
        return sum(reached(policy, one, seen) for one in named) >= least
    return name == "none" or name in seen


def checkpoint_of(raw, policy):
    """(origin, size, root, witnesses seen, signatures of unknown keys) of a signed note."""
    try:
        text, gap, below = raw.decode("utf-8").rpartition("\n\n")
    except UnicodeDecodeError:
        raise Wrong("E08") from None
    need(gap and len(raw) <= 100_000 and below.endswith("\n") and not re.search(r"[\0-\t\v-\x1f]", text + below), "E08")
    text += "\n"
    match = re.fullmatch(r"([!-*,-~]+)\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n", text)
    need(match and int(match[2]) < 2**53 and len(unbase64(match[3])) == 32, "E08")
    signatures = []
    for line in below[:-1].split("\n"):
        one = re.fullmatch("\u2014 ([!-*,-~]+) ([A-Za-z0-9+/]+={0,2})", line)
        need(one and len(unbase64(one[2])) >= 5, "E08")
        signatures.append((one[1], unbase64(one[2])))
    need(len(signatures) <= 64, "E08")
    logs = {(name, key_id): key for name, key_id, key in policy["logs"].values() if name == match[1]}
    witnesses = {(one[0], one[1]): (alias, one[2]) for alias, one in policy["witnesses"].items()}
    by_log, seen, unknown = False, {}, 0
    for name, signature in signatures:
        mark = (name, signature[:4])
        if mark in logs:
            need(signed(logs[mark], text.encode(), signature[4:]), "E11")
            by_log = True
        elif mark in witnesses:
            alias, key = witnesses[mark]
            time = int.from_bytes(signature[4:12], "big")
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            need(len(signature) == 76 and time < 2**53 and signed(key, message, signature[12:]), "E12", name)
            seen[alias] = time
        else:
            unknown += 1
    need(by_log, "E10")
    need(reached(policy, policy["quorum"], seen), "E13")
    return match[1], int(match[2]), unbase64(match[3]), seen, unknown


# -- the nine steps --------------------------------------------------------------------------------------------------


def traces(value):
    """Digests of personal values anywhere in an event."""
    if isinstance(value, dict):
        if value.keys() == {"sd"} and KINDS["hash"](value["sd"]):
            return {value["sd"]}
        return set().union(*map(traces, value.values()))
    return set().union(*map(traces, value)) if isinstance(value, list) else set()


def spoken(body):
    """Hashes of the files that an event speaks of."""
    rows = (one["new"] for one in body["changes"] if (one["noun"], one["field"]) == ("document", "sha256"))
    return {*body["files"], *(one for one in rows if KINDS["hash"](one))}


def events_of(texts, about):
    """Leaf hashes of all events, the bodies by place, and the stream of each place."""
    subject = ["contest" if about["kind"] == "closing" else about["kind"], about["name"]]
    streams = {}
    for number, one in enumerate(about["streams"]):
        place = f"data/about.json {number + 1}"
        shaped(one, place, id="text", kind="text", name="text", above="above")
        named = [[one["kind"], one["name"]]] + ([one["above"]] if one["above"] else [])
        need((named[0] if number == 0 else one["above"]) == subject, "E17", place)
        need(
            all(re.fullmatch("[a-z]+", kind) for kind, _ in named), "E17", place
        )  # a colon would make two names of one
        keys = [key_of(*one).hex() for one in named]
        need(keys[0] not in streams and len(set(keys)) == len(keys), "E17", place)
        streams[keys[0]] = {**one, "keys": keys, "seq": 0, "head": ""}
    need(streams and len({one["id"] for one in streams.values()}) == len(streams), "E17", "data/about.json")
    by_id = {one["id"]: one for one in streams.values()}
    given = [(raw, parsed(raw, place), place) for raw, place in lines(texts, "data/events.jsonl")]
    for _, body, place in given:
        shaped(body, place, True, v="v", id="text", stream="text", seq="number", act="text", at="instant", noun="text",
               previous="text", changes="list", files="hashes", facts="object")  # fmt: skip
        for one in body["changes"]:
            shaped(one, place, True, noun="text", field="text")
            need("new" in one, "E07", place)
    entries, waiting = [], given[::-1]
    if SKELETONS in texts:
        for raw, place in lines(texts, SKELETONS):
            told = shaped(parsed(raw, place), place, c="hash", k="hashes", p="text", s="number", t="text", v="v")
            need(told["t"] == "event", "E07", place)
            body = waiting.pop() if waiting and sha256(waiting[-1][0]).hex() == told["c"] else None
            need(told["k"] and told["k"][0] in streams, "E18", place)
            entries.append((raw, streams[told["k"][0]], told["k"], told["s"], told["p"], body, place))
        need(not waiting, "E21", waiting[-1][2] if waiting else "")
    else:
        for raw, body, place in given:
            need(body["stream"] in by_id, "E18", place)
            stream = by_id[body["stream"]]
            told = {"c": sha256(raw).hex(), "k": stream["keys"], "p": body["previous"], "s": body["seq"]}
            entry = canonical({**told, "t": "event", "v": 1})
            entries.append((entry, stream, stream["keys"], body["seq"], body["previous"], (raw, body, place), place))
    leaves, bodies, order = [], {}, []
    for entry, stream, keys, seq, previous, body, place in entries:
        need(keys == stream["keys"], "E18", place)
        need(seq == stream["seq"] + 1, "E19", place)
        need(previous == stream["head"], "E20", place)
        if body:
            told = body[1]
            need((told["stream"], told["seq"], told["previous"]) == (stream["id"], seq, previous), "E21", body[2])
            bodies[len(leaves)] = told
        leaf = sha256(b"\0", entry)
        stream["seq"], stream["head"] = seq, leaf.hex()
        leaves.append(leaf)
        order.append(stream)
    need(all(one["seq"] for one in streams.values()), "E17", "data/about.json")
    need(SKELETONS not in texts or len(bodies) < len(leaves), "E02", SKELETONS)  # it would say everything twice
    return leaves, bodies, order


def closing_of(about, bodies, order):
    """What a closing certificate says: applications that had come, that were turned away, and that came after."""
    own = about["streams"][0]["id"]
    closes = [place for place, body in bodies.items() if body["act"] == "contest:close" and order[place]["id"] == own]
    need(len(closes) == 1, "E31", "contest:close")
    register, told, came = bodies[closes[0]]["facts"].get("register"), {}, {}
    need(isinstance(register, list), "E31", "register")
    for number, one in enumerate(register, 1):
        shaped(one, f"register {number}", number="number", received="instant", sha256="hash", turned_away="flag")
        told[f"{about['name']}/{one['number']}"] = one["turned_away"]
    for place, stream in enumerate(order):
        if stream["kind"] == "case":
            came.setdefault(stream["name"], place < closes[0])
    before = {name for name, earlier in came.items() if earlier}
    need(len(told) == len(register) and set(told) == before, "E31", "register")
    return {"received": len(told), "turned_away": sum(told.values()), "after": len(came) - len(told)}


def erasures_of(bodies, order):
    """What each erasing event says of itself, and the digests that they name: (stream, digest)."""
    told, named = [], set()
    for number, (place, body) in enumerate(bodies.items(), 1):
        if body["act"] in ERASING:
            facts = {"order": "", "number": "", "on": "", "values": 0, "erased": [], **body["facts"]}
            shaped(facts, f"data/events.jsonl:{number}", True,
                   order="text", number="text", on="day", values="number", erased="hashes")  # fmt: skip
            here = {(order[place]["id"], one) for one in facts["erased"]}
            named |= here
            # a disposal of many cases is summed up in the customer's stream: it names none, and says how many
            told.append({"at": body["at"], "count": len(here) or facts["values"],
                         "order": facts["order"], "number": facts["number"], "on": facts["on"]})  # fmt: skip
    return told, named


def disclosures_of(texts, bodies, order, named):
    """How many personal values are erased, are missing without an event that is enclosed, are withheld from this reader."""
    places = {body["id"]: place for place, body in bodies.items()}
    left = {place: traces(body) for place, body in bodies.items()}  # digests without a line so far
    last, kept_back = (-1, ""), 0
    for raw, place in lines(texts, "data/disclosures.jsonl"):
        one = parsed(raw, place)
        if isinstance(one, dict) and "why" in one:
            shaped(one, place, digest="hash", event="text", why="text")
            need(one["why"] == "reader", "E07", place)
            kept_back += 1
        else:
            shaped(one, place, digest="hash", event="text", path="text", salt="text", value="text")
            digest = sha256(canonical([one["salt"], one["path"], one["value"]])).hex()
            need(digest == one["digest"], "E24", place)
        at = places.get(one["event"], -1)
        need(at >= 0 and one["digest"] in left[at] and (at, one["digest"]) > last, "E25", place)
        last = (at, one["digest"])
        left[at].remove(one["digest"])
    untold = {
        stream["id"]: place for place, stream in enumerate(order) if place not in bodies
    }  # the last of each stream
    erased = unaccounted = 0
    for number, (place, body) in enumerate(bodies.items(), 1):
        if body["act"] in ERASING:  # what stood in a row that it emptied: a digest that nobody could ever open
            left[place] -= traces([one.get("old") for one in body["changes"]])
        stream = order[place]["id"]
        here = sum((stream, one) in named for one in left[place])
        erased += here
        unaccounted += len(left[place]) - here
        # an event without its content, behind this one, may be the erasing one
        need(here == len(left[place]) or untold.get(stream, -1) > place, "E33", f"data/events.jsonl:{number}")
    return erased, unaccounted, kept_back


def files_of(texts, bodies, found, hashes):
    """How many files are enclosed, and why others are not: {reason: how many}."""
    name = "data/files.json"
    told = shaped(parsed(texts[name], name), name, v="v", files="list", withheld="list")
    enclosed = {one[11:] for one in found if one.startswith("data/files/")}
    for one in sorted(enclosed):
        need(hashes[f"data/files/{one}"] == one, "E26", one)
    for one in filter(PACK.fullmatch, sorted(texts)):
        need(hashes[one] == one[11:75], "E26", one)
    listed, last, missing = set(), "", {}
    for one in told["files"]:
        shaped(one, name, sha256="hash", name="text", kind="text", round="number", size="number")
        listed.add(one["sha256"])
        at = found.get("data/files/" + one["sha256"])
        need(at is not None and at[3] == one["size"], "E27", one["sha256"])
    absent = set()
    for one in told["withheld"]:
        shaped(one, name, sha256="hash", why="text")
        need(one["why"] in ("gone", "large", "not_asked") and one["sha256"] > last, "E27", one["sha256"])
        last = one["sha256"]
        absent.add(last)
        missing[one["why"]] = missing.get(one["why"], 0) + 1
    needed = set().union(*map(spoken, bodies.values()))
    need(listed == enclosed and enclosed | absent == needed and not enclosed & absent, "E27", name)
    return len(enclosed), missing


def receipt_of(line):
    match = re.fullmatch(r"([!-*,-~]+) ([1-9][0-9]{0,15}) ([0-9a-f]{16,64})", line.strip(" "))
    need(match is not None, "E32")
    return match[1], int(match[2]), match[3]


def verify(file, given="", receipts=()):
    """What an open dossier proves, as a dictionary. Raises Wrong."""
    policy = policy_of(given) if given else None
    papers = [receipt_of(one) for one in receipts]
    # 1 the zip and its manifests
    found = contents(file)
    texts = {name: unpacked(file, name, one) for name, one in found.items() if one[0]}
    hashes = {name: sha256(text).hex() for name, text in texts.items()}
    hashes.update((name, hashed(file, name, one)) for name, one in found.items() if not one[0])
    need(texts["bagit.txt"] == BAGIT, "E05", "bagit.txt")
    for manifest, data in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        names = [
            name for name in sorted(hashes) if name.startswith("data/") == data and name != "tagmanifest-sha256.txt"
        ]
        need(texts[manifest] == "".join(f"{hashes[name]}  {name}\n" for name in names).encode(), "E05", manifest)
    # 2 what it is of, and the proof
    name = "data/about.json"
    about = shaped(parsed(texts[name], name), name, v="v", kind="text", name="text", origin="text", key="text",
                   made="instant", streams="list")  # fmt: skip
    name = "data/proof.json"
    proof = shaped(parsed(texts[name], name), name, v="v", count="number", size="number", head="object",
                   inclusion="hashes", map="hashes", earlier="list")  # fmt: skip
    head = shaped(proof["head"], "head", at="instant", n="number", r="hash", t="text", v="v")
    # 3 the checkpoint, signed
    if policy is None:
        try:
            policy = {
                "logs": {about["key"]: key_line(about["key"], 1)},
                "witnesses": {},
                "groups": {},
                "quorum": "none",
            }
        except Wrong:
            raise Wrong("E07", "data/about.json key") from None
    origin, size, root, seen, unknown = checkpoint_of(texts["data/checkpoint.txt"], policy)
    need(origin == about["origin"] and size == proof["size"], "E14")
    need(about["key"] in policy["logs"], "E14")
    # 4 the head of the map is the last leaf
    need(head["t"] == "map" and head["n"] == size - 1, "E15")
    last = sha256(b"\0", canonical(head))
    need(last_leaf_root(last, size, list(map(bytes.fromhex, proof["inclusion"]))) == root, "E16")
    # 5 each event in its place, 6 all of them in the map
    leaves, bodies, order = events_of(texts, about)
    need(len(leaves) == proof["count"], "E22", f"{len(leaves)}, {proof['count']}")
    kind = "contest" if about["kind"] == "closing" else about["kind"]
    beside = list(map(bytes.fromhex, proof["map"]))
    need(len(beside) <= 256, "E23")
    need(in_map(key_of(kind, about["name"]), len(leaves), root_of(leaves), beside, bytes.fromhex(head["r"])), "E23")
    closing = closing_of(about, bodies, order) if about["kind"] == "closing" else None
    # 7 personal values, 8 files
    erasures, named = erasures_of(bodies, order)
    redacted, unaccounted, withheld = disclosures_of(texts, bodies, order, named)
    enclosed, missing = files_of(texts, bodies, found, hashes)
    # 9 earlier checkpoints, and the papers that tell of them
    told = {size: root.hex()}
    least = 0
    for number, one in enumerate(proof["earlier"], 1):
        shaped(one, f"earlier {number}", size="number", root="hash", path="hashes")
        need(least < one["size"] < size, "E28", number)
        path = list(map(bytes.fromhex, one["path"]))
        need(consistent(one["size"], size, bytes.fromhex(one["root"]), root, path), "E28", number)
        least = one["size"]
        told[least] = one["root"]
    for whose, at, begins in papers:
        need(whose == origin and (at not in told or told[at].startswith(begins)), "E29")
        need(at in told, "E30")
    return {
        "kind": about["kind"], "name": about["name"], "origin": origin, "size": size, "root": root.hex(),
        "at": head["at"], "events": len(leaves), "bodies": len(bodies), "closing": closing, "redacted": redacted,
        "erasures": erasures, "unaccounted": unaccounted, "withheld": withheld, "files": enclosed, "missing": missing, "key": "given" if given else about["key"],
        "witnesses": seen, "unknown": unknown, "receipts": len(papers),
    }  # fmt: skip


# -- said to people --------------------------------------------------------------------------------------------------


TOLD = {code: texts for code, *texts in (line.split("|") for line in WORDS.strip().split("\n"))}


def worded(code, language, **facts):
    text = TOLD[code][LANGUAGES.index(language)]
    for name, fact in facts.items():
        # nothing that a stranger wrote may turn the line round or end it
        shown = re.sub("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]", "?", str(fact))
        text = text.replace("{" + name + "}", shown)
    return text


def day(text):
    return f"{text[8:10]}.{text[5:7]}.{text[:4]}"


def moment(text):
    return f"{day(text)} {text[11:16]} UTC"


def sentences(one, language):
    """The verdict on a dossier that holds, sentence by sentence, the most important first."""

    def line(code, **facts):
        return worded(code, language, **facts)

    of = one["kind"] if one["kind"] in ("case", "contest", "closing") else "other"
    yield line("good", size=one["size"], at=moment(one["at"]))
    yield line(f"of_{of}", name=one["name"])
    if one["key"] != "given":
        yield line("key_own", key=one["key"])
    for code in ("received", "turned_away", "after"):
        if one["closing"] and (code == "received" or one["closing"][code]):
            yield line(code, count=one["closing"][code])
    yield line("events", count=one["events"])
    if one["bodies"] < one["events"]:
        yield line("bodiless", count=one["events"] - one["bodies"])
    if one["redacted"]:
        yield line("redacted", count=one["redacted"])
    for act in one["erasures"]:
        facts = {
            "order": act["order"] or "-",
            "number": act["number"] or "-",
            "on": day(act["on"]) if act["on"] else "-",
        }
        yield line("erasure", at=moment(act["at"]), count=act["count"], **facts)
    for code in ("unaccounted", "withheld"):
        if one[code]:
            yield line(code, count=one[code])
    yield line("files", count=one["files"])
    for why, count in sorted(one["missing"].items()):
        yield line("missing", count=count, place=line(f"why_{why}"))
    if one["key"] == "given":
        yield line("key_given")
    for name, time in sorted(one["witnesses"].items()):
        at = datetime.fromtimestamp(min(time, 2**37), timezone.utc)
        yield line("witness", name=name, at=f"{at:%d.%m.%Y %H:%M} UTC")
    if not one["witnesses"]:
        yield line("lonely")
    if one["unknown"]:
        yield line("unknown", count=one["unknown"])
    if one["receipts"]:
        yield line("receipt")
    yield line("not_proved")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("dossier")
    parser.add_argument("--key", default="", help="the log's key, as its owner published it: name+id+key")
    parser.add_argument("--policy", help="a file with keys of logs and witnesses, and the quorum (C2SP tlog-policy)")
    parser.add_argument(
        "--receipt", action="append", default=[], help="from a paper or letter: 'ashar/8d01c2a7 1200 0123456789abcdef'"
    )
    parser.add_argument("--language", "-l", choices=LANGUAGES, help="without it, all three")
    parser.add_argument("--json", action="store_true", help="the verdict for programs")
    asked = parser.parse_args(arguments)
    try:
        given = asked.key
        if asked.policy:
            with open(asked.policy, encoding="utf-8") as policy:
                given = policy.read()
        with open(asked.dossier, "rb") as file:
            verdict = {"good": True, **verify(file, given, asked.receipt)}
    except Wrong as wrong:
        verdict = {"good": False, "code": wrong.args[0], "place": wrong.args[1]}
    except (OSError, UnicodeDecodeError) as trouble:
        parser.error(str(trouble))
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False)  # whatever the console is set to
    if asked.json:
        out.write(json.dumps(verdict, ensure_ascii=False, sort_keys=True) + "\n")
    for language in () if asked.json else [asked.language] if asked.language else LANGUAGES:
        if verdict["good"]:
            first, *rest = sentences(verdict, language)
            sign = "+" if verdict["key"] == "given" else "?"
            out.write("\n  ".join([f"[{sign}] {first}", *rest]) + "\n\n")
        else:
            why = worded(verdict["code"], language, place=verdict["place"])
            out.write(f"[-] {worded('bad', language)}\n  {worded('first', language)}: {verdict['code']}. {why}\n\n")
    out.close()
    return 0 if verdict["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
