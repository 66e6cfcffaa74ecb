from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from grn_core import cli
from tests.downloads.conftest import NETWORKS

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture
def call(capsys):
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(["data", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_list_shows_size_licence_and_state(call, archives):
    code, out, _ = call("list")
    assert code == 0
    assert "262 MB" in out
    assert "CC BY 4.0" in out
    assert out.count("not here") == 3


def test_list_as_json_keeps_confirmed_and_unconfirmed_apart(call):
    _, out, _ = call("list", "--json")
    by_name = {one["name"]: one for one in json.loads(out)}
    assert by_name["collectri"]["checksums"]["sha256"]["status"] == "confirmed"
    assert by_name["beeline-data"]["checksums"]["sha256"]["status"] == "to be confirmed"
    assert by_name["beeline-data"]["licence"] is None
    assert by_name["beeline-data"]["is_here"] is False


def test_pull_check_and_path(call, archives, grn_home):
    code, out, err = call("pull", "beeline-networks", "collectri")
    assert code == 0
    assert "agrees: md5, sha256, size" in err
    assert ": done in " in err
    assert out.count(" here ") == 2
    code, out, _ = call("check")
    assert (code, out.count("as it should be")) == (0, 2)
    assert call("path", "beeline-networks")[1].strip() == str(grn_home / "data" / "beeline")
    path = Path(call("path", "collectri")[1].strip())
    assert path.read_bytes() == archives.files["CollecTRI_regulons.csv"]
    path.write_bytes(b"")
    code, out, _ = call("check", "collectri")
    assert code == 2
    assert "has changed" in out


def test_a_refused_file_can_be_accepted_on_the_command_line(call, archives):
    archives.files["CollecTRI_regulons.csv"] = b"source,target\nA,B\n"
    code, _, err = call("pull", "collectri")
    assert code == 2
    sha256 = hashlib.sha256(b"source,target\nA,B\n").hexdigest()
    assert f"--accept {sha256}" in err
    code, _, err = call("pull", "collectri", "--accept", sha256)
    assert code == 0
    assert "accepted though its sha256" in err
    assert call("pull", "collectri", "beeline-data", "--accept", sha256)[0] == 2


def test_what_is_not_here_is_one_line_and_code_2(call, archives):
    for words in (("path", "collectri"), ("path", "beeline-references"), ("check", "collectri"), ("pull", "string")):
        code, _, err = call(*words)
        assert code == 2
        assert len(err.splitlines()) <= 1
    assert call("check")[:2] == (0, "")


def test_the_references_folder_has_a_path(call, archives):
    call("pull", "beeline-networks", "beeline-data")
    code, out, _ = call("path", "beeline-references")
    assert code == 0
    assert (Path(out.strip()) / "STRING_hESC_TFsplus500.tsv.gz").is_file()
    assert len(NETWORKS) == 12
