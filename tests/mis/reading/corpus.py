"""The corpus: for each rule of the binding a package that keeps, bends or breaks it, and both readings' verdicts."""

from tests.mis.reading.corpus_package import COLUMNS, PACKAGE
from tests.mis.reading.corpus_rows import ROWS
from tests.mis.reading.corpus_sets import ORGS, ROLES, STANDING

CORPUS = (*PACKAGE, *COLUMNS, *ROWS, *STANDING, *ORGS, *ROLES)
