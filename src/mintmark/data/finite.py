"""Numbers that are numbers: NaN is missing, and an infinity is refused."""

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.errors import DataError


def table(data: pa.Table) -> pa.Table:
    """The table with NaN as null, and columns of nothing but null as text without values."""
    for place, field in enumerate(data.schema):
        values = data.column(place)
        changed = values.cast(pa.string()) if pa.types.is_null(field.type) else column(field.name, values)
        if changed is not values:
            data = data.set_column(place, field.name, changed)
    return data


def column(name: str, values: pa.ChunkedArray, *, where: str = "") -> pa.ChunkedArray:
    """The values with NaN as null; DataError with the first infinite row, for no real quantity is infinite."""
    if not pa.types.is_floating(values.type):
        return values
    row = pc.index(pc.fill_null(pc.is_inf(values), False), True).as_py()
    if row >= 0:
        raise DataError(
            f"column {name} holds an infinite value",
            where=f"{where}, row {row + 1}".removeprefix(", "),
            found=str(values[row].as_py()),
            fix="mend it, or count it as missing: missing: [inf, -inf, NA]",
        )
    gone = pc.fill_null(pc.is_nan(values), False)
    return pc.if_else(gone, pa.scalar(None, values.type), values) if pc.any(gone).as_py() else values
