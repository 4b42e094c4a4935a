"""What the release before said of the municipality."""

from __future__ import annotations

from reports.municipality.view import Own
from reports.told.blocks import Text


def since(p: Own) -> tuple[Text, ...]:
    """Return rank and standing of the main outcome then and now; nothing for a first release."""
    changed, row = p.content.changes, p.row(p.main_outcome)
    if changed is None or row is None:
        return ()
    date = p.n.moment(changed.earlier.finished_at or changed.earlier.started_at)
    if not (changed.is_new_data or changed.is_new_settings or changed.is_new_code):
        return (Text(p.t("place_since.same", date=date)),)
    said = []
    move = next((move for move in changed.ranked if move.code == row.code), None)
    if move is not None:
        ranks = {
            "before": move.earlier,
            "before_low": move.earlier_low,
            "before_high": move.earlier_high,
            "now": move.rank,
            "low": move.rank_low,
            "high": move.rank_high,
        }
        key = "beyond" if move.is_beyond_chance else "chance"
        texts = {name: p.n.count(rank) for name, rank in ranks.items()}
        said.append(p.t(f"place_since.rank_{key}", date=date, **texts))
    then, now = changed.stood_out.get(row.code), row.stands_out
    if then and now:
        said.append(p.t("place_since.stayed" if then == now else "place_since.turned"))
    elif then or now:
        said.append(p.t("place_since.went" if then else "place_since.came"))
    return (Text(" ".join(said)),) if said else ()
