"""The factors there are, for the dictionary: what their files say."""

from __future__ import annotations

from pipeline.codes.factors import factors


def factor_lines() -> list[str]:
    """Return the section on factors as lines of Markdown, a row per factor."""
    lines = [
        "## Factors",
        "",
        "What persons may be compared on, each a query in `sql/factor/`. A benchmark names those",
        "it takes; the level in bold is the one others are compared with.",
        "",
        "| factor | meaning | levels | look-back | source | records health | mind |",
        "|---|---|---|---|---|---|---|",
    ]
    for factor in factors().values():
        levels = ", ".join(
            f"**{level}**" if level == factor.reference else level for level, _, _ in factor.levels
        )
        lines.append(
            f"| `{factor.name}` | {factor.title_en} | {levels} | {factor.lookback} |"
            f" {factor.source} | {'yes' if factor.is_health else 'no'} | {factor.caveat} |"
        )
    return lines
