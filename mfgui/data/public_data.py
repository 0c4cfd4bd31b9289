"""The public data sets that can be had by a click: where they lie, what they hold, their terms.

Checksums, sizes and terms are those that GroupLens publishes beside each archive and in its
README. Users and items are those that have ratings, which can be fewer than the README's. Only
MovieLens latest-small has no checksum here, for it may change; it is fetched beside the archive.
"""

from __future__ import annotations

from dataclasses import dataclass

BASE_URL = "https://files.grouplens.org/datasets/movielens/"
PAGE = "https://grouplens.org/datasets/movielens/"

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems (TiiS) 5, 4: 19:1\N{EN DASH}19:19. "
    "https://doi.org/10.1145/2827872"
)

_PURPOSE = (
    "Neither the University of Minnesota nor any of the researchers involved can guarantee the "
    "correctness of the data, its suitability for any particular purpose, or the validity of "
    "results based on the use of the data set. The data set may be used for any research purposes "
    "under the following conditions:"
)
_ENDORSEMENT = (
    "The user may not state or imply any endorsement from the University of Minnesota or the "
    "GroupLens Research Group."
)
_ACKNOWLEDGEMENT = (
    "The user must acknowledge the use of the data set in publications resulting from the use of "
    "the data set (see below for citation information)."
)
_NOT_PASSED_ON = "The user may not redistribute the data without separate permission."
_PASSED_ON = (
    "The user may redistribute the data set, including transformations, so long as it is "
    "distributed under these same license conditions."
)
_NOT_SOLD = (
    "The user may not use this information for any commercial or revenue-bearing purposes without "
    "first obtaining permission from a faculty member of the GroupLens Research Project at the "
    "University of Minnesota."
)
_AS_IS = (
    'The executable software scripts are provided "as is" without warranty of any kind, either '
    "expressed or implied, including, but not limited to, the implied warranties of "
    "merchantability and fitness for a particular purpose. The entire risk as to the quality and "
    "performance of them is with you. Should the program prove defective, you assume the cost of "
    "all necessary servicing, repair or correction."
)
_NO_LIABILITY = (
    "In no event shall the University of Minnesota, its affiliates or employees be liable to you "
    "for any damages arising out of the use or inability to use these programs (including but not "
    "limited to loss of data or data being rendered inaccurate)."
)


def _terms(passing_on: str, *, has_scripts: bool) -> str:
    """Return the licence as its README words it: a paragraph, a list, and a paragraph."""
    points = [_ENDORSEMENT, _ACKNOWLEDGEMENT, passing_on, _NOT_SOLD]
    if has_scripts:
        points.append(_AS_IS)
    text = "\n".join([_PURPOSE, *(f"\N{BULLET} {point}" for point in points)])
    return f"{text}\n{_NO_LIABILITY}" if has_scripts else text


@dataclass(frozen=True)
class PublicData:
    """One data set.

    Parameters
    ----------
    name, label : str
        As one types it, and for people.
    summary : str
        One sentence on where the ratings come from and what they are.
    url : str
        Of the archive, a .zip.
    n_bytes, n_unpacked_bytes : int
        Of the archive, exactly where ``md5`` is given, else about; and of what is in it, about.
    n_users, n_items, n_ratings : int
    terms, citation : str
    top : str
        The folder inside the archive that holds everything.
    ratings, titles : str
        File names in that folder.
    md5 : str
        Of the archive; "" where it may change and is to be fetched from ``url`` + ``.md5``.
    """

    name: str
    label: str
    summary: str
    url: str
    n_bytes: int
    n_unpacked_bytes: int
    n_users: int
    n_items: int
    n_ratings: int
    top: str
    ratings: str
    titles: str = ""
    md5: str = ""
    terms: str = ""
    citation: str = CITATION

    @property
    def size_text(self) -> str:
        """``1,000,209 ratings by 6,040 users of 3,706 items``."""
        return (f"{self.n_ratings:,} ratings by {self.n_users:,} users of {self.n_items:,} items")


_STRICT = _terms(_NOT_PASSED_ON, has_scripts=False)
_STRICT_WITH_SCRIPTS = _terms(_NOT_PASSED_ON, has_scripts=True)
_SHARED_ALIKE = _terms(_PASSED_ON, has_scripts=True)

_ALL = (
    PublicData(
        name="ml-100k", label="MovieLens 100K",
        summary="Whole stars from 1 to 5, given from 1997 to 1998. Small enough to learn with.",
        url=f"{BASE_URL}ml-100k.zip", n_bytes=4_924_029, n_unpacked_bytes=15_800_000,
        n_users=943, n_items=1_682, n_ratings=100_000,
        top="ml-100k", ratings="u.data", titles="u.item",
        md5="0e33842e24a9c977be4e0107933c0723", terms=_STRICT),
    PublicData(
        name="ml-latest-small", label="MovieLens latest-small",
        summary="Half stars from 0.5 to 5, given from 1996 to 2018. It may change: not for results "
        "that are to be compared.",
        url=f"{BASE_URL}ml-latest-small.zip", n_bytes=978_202, n_unpacked_bytes=3_300_000,
        n_users=610, n_items=9_724, n_ratings=100_836,
        top="ml-latest-small", ratings="ratings.csv", titles="movies.csv", terms=_SHARED_ALIKE),
    PublicData(
        name="ml-1m", label="MovieLens 1M",
        summary="Whole stars from 1 to 5, by people who joined in 2000.",
        url=f"{BASE_URL}ml-1m.zip", n_bytes=5_917_549, n_unpacked_bytes=24_900_000,
        n_users=6_040, n_items=3_706, n_ratings=1_000_209,
        top="ml-1m", ratings="ratings.dat", titles="movies.dat",
        md5="c4d9eecfca2ab87c1945afe126590906", terms=_STRICT),
    PublicData(
        name="ml-10m", label="MovieLens 10M",
        summary="Half stars from 0.5 to 5, given from 1995 to 2009.",
        url=f"{BASE_URL}ml-10m.zip", n_bytes=65_566_137, n_unpacked_bytes=270_000_000,
        n_users=69_878, n_items=10_677, n_ratings=10_000_054,
        top="ml-10M100K", ratings="ratings.dat", titles="movies.dat",
        md5="ce571fd55effeba0271552578f2648bd", terms=_STRICT_WITH_SCRIPTS),
    PublicData(
        name="ml-20m", label="MovieLens 20M",
        summary="Half stars from 0.5 to 5, given from 1995 to 2015.",
        url=f"{BASE_URL}ml-20m.zip", n_bytes=198_702_078, n_unpacked_bytes=880_000_000,
        n_users=138_493, n_items=26_744, n_ratings=20_000_263,
        top="ml-20m", ratings="ratings.csv", titles="movies.csv",
        md5="cd245b17a1ae2cc31bb14903e1204af3", terms=_STRICT_WITH_SCRIPTS),
    PublicData(
        name="ml-25m", label="MovieLens 25M",
        summary="Half stars from 0.5 to 5, given from 1995 to 2019.",
        url=f"{BASE_URL}ml-25m.zip", n_bytes=261_978_986, n_unpacked_bytes=1_170_000_000,
        n_users=162_541, n_items=59_047, n_ratings=25_000_095,
        top="ml-25m", ratings="ratings.csv", titles="movies.csv",
        md5="6b51fb2759a8657d3bfcbfc42b592ada", terms=_STRICT_WITH_SCRIPTS),
    PublicData(
        name="ml-32m", label="MovieLens 32M",
        summary="Half stars from 0.5 to 5, given from 1995 to 2023.",
        url=f"{BASE_URL}ml-32m.zip", n_bytes=238_950_008, n_unpacked_bytes=960_000_000,
        n_users=200_948, n_items=84_432, n_ratings=32_000_204,
        top="ml-32m", ratings="ratings.csv", titles="movies.csv",
        md5="d472be332d4daa821edc399621853b57", terms=_SHARED_ALIKE),
)

PUBLIC_DATA: dict[str, PublicData] = {entry.name: entry for entry in _ALL}
"""All data sets by name, from small to large."""


def bytes_text(n_bytes: int) -> str:
    """Return a size as people say it: ``978 KB``, ``5.9 MB``, ``1.2 GB``."""
    if n_bytes < 999_500:
        return f"{n_bytes / 1e3:.0f} KB"
    if n_bytes < 999_500_000:
        megabytes = n_bytes / 1e6
        return f"{megabytes:.1f} MB" if megabytes < 9.95 else f"{megabytes:.0f} MB"
    return f"{n_bytes / 1e9:.1f} GB"
