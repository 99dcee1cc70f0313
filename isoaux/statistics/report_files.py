"""A report as plain data and as a page of HTML that opens alone."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

import isoaux
from isoaux.common.tables import Table
from isoaux.statistics.report_notes import largest
from isoaux.statistics.tally import STATISTICS
from isoaux.statistics.tested import Tested
from isoaux.statistics.turns import WIDE

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
img { background: white; height: auto; max-width: 100%; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding: 0.5rem 0; text-align: left; }
th, td { border-bottom: 1px solid #8888; padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
"""


def facts(report: Tested, notes: Sequence[str], alt: str, source: Mapping[str, Any] | None) -> dict[str, Any]:
    """A report as plain data of the form of ``report.schema.json``; ``source`` says where the activations are from."""
    ready = report.prepared
    seed = np.asarray(report.seed, dtype=object).reshape(-1).tolist()
    return {
        "isoaux": isoaux.__version__,
        "answer": report.answer,
        "special": list(report.special),
        "statistics": [_statistic(report, name) for name in report.tests],
        "notes": list(notes),
        "settings": {
            "preparation": report.preparation,
            "basis": "neurons" if ready.standard else "given",
            "epsilon": report.epsilon,
            "epsilon_chosen": report.chosen,
            "variant": report.variant,
            "leading": report.leading,
            "planes": report.planes,
            "draws": report.draws,
            "random_bases": "groups" if ready.rows.shape[1] > WIDE else "haar",
            "seed": int(seed[0]) if np.ndim(report.seed) == 0 else [int(number) for number in seed],
        },
        "samples": {
            "given": ready.given[0],
            "measured": len(ready.rows),
            "zeros": ready.zeros,
            "copies": ready.copies,
        },
        "neurons": {
            "given": ready.given[1],
            "measured": ready.rows.shape[1],
            "constant": ready.constant.tolist(),
            "outliers": {
                name: [{"neuron": place, "value": value} for place, value in largest(ready, values)]
                for name, values in (
                    ("squared_length", ready.lengths),
                    ("variance", ready.variances),
                    ("kurtosis", ready.kurtosis),
                )
            },
            "mean_share": ready.mean_share,
            "negative": ready.negative,
            "rank": ready.rank,
        },
        "figure": {"alt": alt},
        "source": None if source is None else dict(source),
    }


def _statistic(report: Tested, name: str) -> dict[str, Any]:
    test = report.tests[name]
    low, middle, high = np.quantile(test.null, (0.025, 0.5, 0.975)).tolist()
    return {
        "name": name,
        "what": STATISTICS[name].words,
        "value": test.value,
        "random": {"low": low, "median": middle, "high": high},
        "effect": test.effect if np.isfinite(test.effect) else None,
        "quantile": test.quantile,
        "p": test.p,
        "adjusted_p": report.adjusted[name],
        "preparation": test.preparation,
    }


def body(answer: str, table: Table, notes: Sequence[str], png: bytes, alt: str) -> str:
    """Answer, figure, table and notes in HTML, as a notebook shows them and as :func:`page` holds them."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    picture = b64encode(png).decode()
    return (
        f"<p><strong>{escape(answer)}</strong></p>"
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{picture}"/>'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div><ul>{listed}</ul>'
    )


def page(title: str, content: str) -> str:
    """A whole page of HTML around the ``content`` of :func:`body`; it asks for no other file."""
    only = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{only}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )
