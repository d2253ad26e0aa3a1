"""The dataset's card for people: Markdown that the Hugging Face hub reads, with the verdict first.

Names and values come from data and recipes of strangers: in the front matter all text is quoted as JSON, which YAML
reads as it is, and in the body whatever Markdown or HTML would act upon is escaped.

Source: huggingface/hub-docs, datasetcard.md.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mintmark.data import chat
from mintmark.data.sources import released
from mintmark.data.sources.released import SIDE
from mintmark.digest import Digest
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.report import words
from mintmark.report.croissant import FORMATS, license_of
from mintmark.report.numerals import numeral
from mintmark.report.story import Story

LICENSES = frozenset(
    ("apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "odc-by", "odbl",
     "pddl", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0", "gpl-3.0", "unknown")
)  # fmt: skip
"""Those that the hub knows by these names; any other is `other` with its own name."""

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
          (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"))  # fmt: skip


def card(
    story: Story,
    files: Mapping[str, Digest],
    guarded: Mapping[str, Mapping[str, int]],
    parts: Mapping[str, int] | None = None,
) -> str:
    """The card, for the released data files named by their paths.

    `guarded` says for a file how many cells of each column were kept from being formulas; `parts` how many rows each
    part has, where the rows lie in several.
    """
    sides = parts or {}
    told = [
        "\n".join(["---", *_front(story, files, sides), "---"]),
        f"# {escaped(story.name)}",
        _verdict(story),
        _section("What this is", _what(story, files, guarded, sides)),
        _section("How it was made", _how(story)),
        _section("What the generator takes for granted", _listed(story.provenance.assumes, "It states nothing.")),
        _section("The evidence", _evidence(story)),
        _section("What was not measured", _listed(_missing(story), "Every question that was asked was answered.")),
        _section("Privacy", _privacy(story)),
        *([_section("Real rows", _real_rows(story))] if story.outside_rows else []),
        _section("What it is for, and what not", _use(story)),
        _section("Where it comes from", _origin(story)),
    ]
    return "\n\n".join(told) + "\n"


def escaped(text: object) -> str:
    """Text that Markdown and HTML show as it is, on one line."""
    line = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in str(text))).strip()
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"([\\`*_{}\[\]#|~$!@])", r"\\\1", line)
    line = re.sub(r":(?=//|\w+:)|(?<=\bwww)\.", r"\\\g<0>", line)  # addresses and :emoji: act by themselves
    line = re.sub(r"^(?=[-+=])", r"\\", line)
    return re.sub(r"^(\d+)(?=[.)])", r"\1&#8203;", line)


def _front(story: Story, files: Mapping[str, Digest], parts: Mapping[str, int]) -> Iterator[str]:
    named = license_of(story)
    known = named.lower() in LICENSES
    yield f"license: {named.lower() if known else 'other'}"
    if not known and named != "other":
        yield f"license_name: {json.dumps(named)}"
    yield f"pretty_name: {json.dumps(story.name)}"
    total = sum(story.rows.values())
    yield f"size_categories: [{json.dumps(next((name for limit, name in _SIZES if total < limit), 'n>1T'))}]"
    yield f"tags: {json.dumps(['synthetic', 'tabular', 'mintmark'])}"
    task = story.purpose.get("task")
    kind = task.get("kind") if isinstance(task, Mapping) else None
    if kind in ("classification", "regression"):
        yield f"task_categories: [tabular-{kind}]"
    configs = [found for table in story.schema.tables for found in _configs(table, files, tuple(parts) or (table,))]
    if configs:
        yield "configs:"
    for name, paths in configs:
        listed = ", ".join(f"{{split: {split}, path: {json.dumps(path)}}}" for split, path in paths)
        yield f"- config_name: {json.dumps(name)}"
        yield f"  data_files: [{listed}]"


def _configs(
    table: str, files: Mapping[str, Digest], parts: Sequence[str]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The table in the form that loads best, and each form of chat beside it; (name, [(split, path)])."""
    best = next((end for end in FORMATS if f"data/{parts[0]}{end}" in files), None)
    ends = {table: best} if best else {}
    ends |= {f"{table}-{form}": f".{form}.jsonl" for form in chat.FORMS if f"data/{parts[0]}.{form}.jsonl" in files}
    for name, end in ends.items():
        yield name, [(part.removeprefix(table).lstrip(".") or "train", f"data/{part}{end}") for part in parts]


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _verdict(story: Story) -> str:
    told = words.banner(story.decision)
    return f"**{told.sign} {told.word}.** {escaped(told.why)}"


def _what(
    story: Story, files: Mapping[str, Digest], guarded: Mapping[str, Mapping[str, int]], parts: Mapping[str, int]
) -> str:
    told = "Synthetic data: its rows were generated, not collected."
    if story.outside_rows:
        told = "Real and synthetic data: some rows were collected, and the others generated (see Real rows)."
    lines = [f"{told} Open `report.html` for plots.", ""]
    for table, schema in story.schema.tables.items():
        lines += [f"**{escaped(table)}**: {story.rows[table]:,} rows", "", "| Column | Kind | Type |", "|---|---|---|"]
        lines += [f"| {escaped(c.name)} | {c.kind} | {escaped(c.type)} |" for c in schema.columns]
        lines.append("")
    listed = ", ".join(f"`{name}`" for name in sorted(files) if name.startswith("data/"))
    lines.append(f"Files: {listed}")
    if parts:
        lines += ["", _parted(story, parts)]
    if any(name.startswith("data/") and released.part(name) != name.rpartition(".")[0] for name in files):
        lines += ["", "Files of chats hold conversations alone; the other columns stand in the other files, if any."]
    if SIDE in files:
        lines += ["", f"`{SIDE}` says of each row where it came from; `mintmark lineage` reads it."]
    for name, cells in guarded.items():
        if cells:
            told = "What a spreadsheet would run as a formula begins there with an apostrophe that is not data"
            lines += ["", f"{told}: cells in `{name}`: {sum(cells.values()):,}."]
    return "\n".join(lines)


def _parted(story: Story, parts: Mapping[str, int]) -> str:
    """How the rows were split, and what was kept together."""
    told = (story.provenance.recipe or {}).get("release", {}).get("split", {})
    by = told.get("by") or ()
    kept = [f"near duplicates in {', '.join([by] if isinstance(by, str) else by)}"] if by else []
    kept += [f"rows of one {told['group']}"] if told.get("group") else []
    rows = ", ".join(f"{count:,} rows in {name}" for name, count in parts.items())
    return escaped(f"Parts: {rows}." + (f" On one side stand {' and '.join(kept)}." if kept else ""))


def _how(story: Story) -> str:
    made = story.provenance
    lines = [
        f"- generator: {escaped(made.generator or 'unknown')}",
        f"- seed: {made.seed if made.seed is not None else 'unknown'}",
        f"- generations from real data: {made.depth if made.depth is not None else 'unknown'}",
        f"- share of real rows: {numeral(made.real_share) if made.real_share is not None else 'unknown'}",
    ]
    if len(made.depths) > 1:
        told = ", ".join(f"{numeral(share)} at {escaped(depth)}" for depth, share in made.depths.items())
        lines.append(f"- share of rows by generations: {told}")
    if made.created:
        lines.append(f"- made: {escaped(made.created)}")
    if made.parameters:
        # No line of indented JSON can close the fence.
        lines += ["", "Parameters:", "", "```json", json.dumps(dict(made.parameters), indent=2), "```"]
    return "\n".join(lines)


def _evidence(story: Story) -> str:
    rows = [one for one in story.findings if isinstance(one, Evidence)]
    if not rows:
        return "Nothing was measured."
    lines = [
        "Ceiling: what unseen real data scores under the same question. Floor: what columns score that are drawn",
        "independently of each other. Intervals are 95 %.",
        "",
        "| Question | Score | Interval | Rows | Ceiling | Floor | Better |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        low, high = one.interval
        cells = (
            f"{escaped(words.question(one.metric))} ({escaped(one.metric)})",
            numeral(one.value) + (f" ({one.basis})" if one.basis != "measured" else ""),
            f"{numeral(low)} – {numeral(high)}",
            f"{one.reading.n:,}",
            _score(one.ceiling),
            _score(one.floor),
            one.better,
        )
        lines.append(f"| {' | '.join(cells)} |")
    notes = [f"{one.metric}: {note}" for one in rows for note in one.notes]
    return "\n".join([*lines, "", _listed(notes, "")]).rstrip()


def _score(reading: Reading | None) -> str:
    return numeral(reading.value) if reading else "none"


def _missing(story: Story) -> list[str]:
    return [f"{one.metric}: {one.reason}" for one in story.findings if isinstance(one, NoEvidence)]


def _privacy(story: Story) -> str:
    found = [words.meaning(one) for one in story.findings if isinstance(one, Evidence) and one.claim == Claim.PRIVACY]
    proved = any(one.basis == "proved" for one in story.findings if isinstance(one, Evidence))
    lines = [_listed(found, "Nothing was measured: take this data for as private as the real data that it came from.")]
    if not proved:
        lines.append("These are attacks that were tried, not a proof: a better attack may find more.")
    if story.sensitive:
        lines.append(f"Columns that name groups of people: {', '.join(map(escaped, story.sensitive))}.")
    return "\n\n".join(lines)


def _real_rows(story: Story) -> str:
    total = sum(story.rows.values())
    return (
        f"{story.outside_rows:,} of {total:,} rows were not made: they are real rows, or rows of which nobody says what "
        f"they are, as they stood in the data. `{SIDE}` names them. No measure of privacy above protects the people "
        "whom they are about. The recipe let them out on purpose (`real_rows: true`): whoever hands them on answers "
        "for their licence and for the permission to do so."
    )


def _use(story: Story) -> str:
    meant = [f"{key}: {_told(value)}" for key, value in story.purpose.items()]
    unsuited = [
        "decisions about single people: no made row stands for one",
        "questions that were not measured above",
        "conclusions about real data without checking them on real data",
    ]
    if story.provenance.depth is not None and story.provenance.depth > 1:
        unsuited.append("training a further generation: this data is already some generations away from real data")
    return f"Meant for:\n\n{_listed(meant, 'The recipe does not say.')}\n\nNot suited for:\n\n{_listed(unsuited, '')}"


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value)


def _origin(story: Story) -> str:
    made = story.provenance
    facts = {"dataset": story.digest, "recipe": made.recipe_digest, **made.inputs}
    lines = [f"- {escaped(name)}: `{value}`" for name, value in facts.items() if value]
    lines += [f"- {escaped(name)} {escaped(version)}" for name, version in made.versions.items()]
    told = "`mintmark verify` checks every byte of this folder against the signed statement in `statement.dsse.json`."
    return "\n".join([*lines, "", told])


def _listed(lines: Iterable[str], nothing: str) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines) or nothing
