"""A mistake in a file of the authorities stops a load before anything is written."""

from __future__ import annotations

import uuid
from pathlib import Path

from click.testing import CliRunner

from cli import SAMPLES, main
from engine.client import Engine


def test_a_mistake_stops_the_load_and_is_told(
    engine: Engine, index_prefix: str, data_dir: Path, tmp_path: Path
) -> None:
    prefix = f"{index_prefix}-auth{uuid.uuid4().hex[:4]}"
    own = tmp_path / "authorities"
    own.mkdir()
    header = "label\trole\tcountry\taliases\tsurname\tborn\tnotes"
    (own / "persons.tsv").write_text(f"{header}\nJean Essai\tmaire\tAtlantide\t\tEssai\t\t\n", encoding="utf-8")
    environment = {
        "ELASTICSEARCH_URL": engine.address.url,
        "DEPECHES_INDEX_PREFIX": prefix,
        "DEPECHES_DATA_DIR": str(data_dir / "authorities-stop"),
        "DEPECHES_AUTHORITIES_DIR": str(own),
        "COLUMNS": "200",
    }
    result = CliRunner().invoke(main, ["load", str(SAMPLES / "seed")], env=environment)
    said = " ".join(result.output.split())
    assert result.exit_code == 1
    for part in ("persons.tsv", "ligne 2", "« Atlantide »", "l'y ajouter ou corriger le nom"):
        assert part in said
    assert "lues" not in said  # the account of a load
    assert engine.indices(f"{prefix}-*") == {}
