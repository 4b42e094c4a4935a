"""What a number in a SAS data set means: by its format a date, a moment, a time of day or a number.

The formats are those that SAS 9.4 ships for dates and times ("SAS Formats and Informats:
Reference" and "National Language Support"), Danish and ISO 8601 among them. Only what the number
counts matters, not how it is shown: days from 1 January 1960, seconds from its midnight, or
seconds from any midnight.
"""

from __future__ import annotations

import re

#: Days. A language of three letters may stand before DF: DANDFDD, EURDFDD, DEUDFDD.
_DATES = re.compile(
    r"DATE|DAY|DOWNAME|JULDAY|JULIAN|MONNAME|MONTH|MONYY|PDJULG|PDJULI|QTRR?"
    r"|WEEKDATE|WEEKDATX|WEEKDAY|WEEK[UVW]|YYWEEK[UVW]|WORDDATE|WORDDATX|YEAR|YYMON"
    r"|(DDMMYY|MMDDYY|YYMMDD)[BCDNPS]?|(MMYY|YYMM)[CDNPS]?|YYQR?[CDNPSZ]?"
    r"|([BE]|IS)8601DA|NENGO|MINGUO|HDATE|HEBDATE|NLDATE[A-Z]*"
    r"|[A-Z]{3}DF(DD|DE|DN|DWN|MN|MY|WDX|WKX)"
)
#: Seconds from the midnight that began 1960, on the clocks of whoever wrote them.
_MOMENTS = re.compile(
    r"DATETIME|DATEAMPM|MDYAMPM|DT(DATE|MONYY|WKDATX|YEAR|YYQC)|([BE]|IS)8601(DT|DN)"
    r"|NLDATM[A-Z]*|[A-Z]{3}DFDT"
)
#: The same in UTC, which is what SAS takes these formats to mean.
_UTC_MOMENTS = re.compile(r"([BE]|IS)8601(DZ|DX)")
_TIMES = re.compile(
    r"TIME|TIMEAMPM|TOD|TODSTAMP|HHMM|HOUR|MMSS|([BE]|IS)8601(TM|TZ|TX|LZ)|NLTIM[A-Z]*"
)
_KINDS = {"date": _DATES, "moment": _MOMENTS, "utc_moment": _UTC_MOMENTS, "time": _TIMES}


def kind_of_format(text: str) -> str:
    """Return ``date``, ``moment``, ``utc_moment``, ``time`` or ``number`` for a numeric format.

    ``text`` is as SAS writes it, with or without width and decimals: ``YYMMDD10.``, ``DATETIME``.

    >>> kind_of_format("DANDFDD10."), kind_of_format("E8601DT19"), kind_of_format("BEST12.")
    ('date', 'moment', 'number')
    """
    name = re.sub(r"[0-9]*[.]?[0-9]*$", "", text.upper().strip())
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(name):
            return kind
    return "number"
