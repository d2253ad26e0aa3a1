"""The dataset's card for people: Markdown that the Hugging Face hub reads, with the verdict first.

Names and values come from data and recipes of strangers: in the front matter all text is quoted as JSON, which YAML
reads as it is, and in the body whatever Markdown or HTML would act upon is escaped.

Source: huggingface/hub-docs, datasetcard.md.
"""

import json
from collections.abc import Iterable, Mapping

from mintmark.data.sources import released
from mintmark.data.sources.released import SIDE
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.report import words
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.disclosure.front import front
from mintmark.report.markdown import code, escaped
from mintmark.report.numerals import numeral
from mintmark.report.story import Story


def card(story: Story, files: DataFiles) -> str:
    """The card, for the released data files."""
    told = [
        front(story, files),
        f"# {escaped(story.name)}",
        _verdict(story),
        _section("What this is", _what(story, files)),
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


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _verdict(story: Story) -> str:
    told = words.banner(story.decision)
    warning = facts.warning(story)
    return f"**{told.sign} {told.word}.** {escaped(told.why)}" + (f"\n\n**{escaped(warning)}**" if warning else "")


def _what(story: Story, files: DataFiles) -> str:
    told = "Synthetic data: its rows were generated, not collected."
    if story.outside_rows:
        told = "Real and synthetic data: some rows were collected, and the others generated (see Real rows)."
    lines = [f"{told} Open `report.html` for plots.", ""]
    for table, schema in story.schema.tables.items():
        lines += [f"**{escaped(table)}**: {story.rows[table]:,} rows", "", "| Column | Kind | Type |", "|---|---|---|"]
        lines += [f"| {escaped(c.name)} | {c.kind} | {escaped(c.type)} |" for c in schema.columns]
        lines.append("")
    lines.append(f"Files: {', '.join(f'`{name}`' for name in files.names) or 'none was let out'}")
    if files.parts:
        lines += ["", _parted(story, files.parts)]
    if any(released.part(name) != name.rpartition(".")[0] for name in files.names):
        lines += ["", "Files of chats hold conversations alone; the other columns stand in the other files, if any."]
    if SIDE in files.digests:
        lines += ["", f"`{SIDE}` says of each row where it came from; `mintmark lineage` reads it."]
    for name, cells in files.guarded.items():
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
        lines += ["", "Parameters:", "", "```json", json.dumps(dict(made.parameters), indent=2, sort_keys=True), "```"]
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
        f"{story.outside_rows:,} of {total:,} rows were not made: they are real rows, or rows of which nobody says "
        f"what they are, as they stood in the data. `{SIDE}` names them. No measure of privacy above protects the "
        "people whom they are about. The recipe let them out on purpose (`real_rows: true`): whoever hands them on "
        "answers for their licence and for the permission to do so."
    )


def _use(story: Story) -> str:
    meant = [f"{key}: {_told(value)}" for key, value in story.purpose.items()]
    suited = f"Meant for:\n\n{_listed(meant, 'The recipe does not say.')}"
    return f"{suited}\n\nNot suited for:\n\n{_listed(facts.unsuited(story), '')}"


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value)


def _origin(story: Story) -> str:
    made = story.provenance
    named = {"dataset": story.digest, "recipe": made.recipe_digest, **dict(sorted(made.inputs.items()))}
    lines = [f"- {escaped(name)}: {code(value)}" for name, value in named.items() if value]
    lines += [f"- {escaped(name)} {escaped(version)}" for name, version in sorted(made.versions.items())]
    told = "`mintmark verify` checks every byte of this folder against the signed statement in `statement.dsse.json`."
    return "\n".join([*lines, "", told])


def _listed(lines: Iterable[str], nothing: str) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines) or nothing
