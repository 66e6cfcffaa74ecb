"""Of several columns of numbers each is offered as the scores, with what it would give; titles are no edges."""

from __future__ import annotations

import pytest

from grn_core.datasets.read_as import FROM_THE_FILE
from grn_core.errors import HoldsNetworkError
from grn_core.networks.imports import handed, parse
from grn_core.networks.imports.matched import match
from tests.datasets.helpers import read_here

EDGES = [("SPI1", "CD14", 3.5, 0.2), ("SPI1", "LYZ", 2.5, 0.3), ("GATA1", "HBB", 4.5, 0.1), ("CEBPA", "MPO", 1.5, 0.7)]


def table(folder, *head, columns="TF,target,first_number,second_number", name="a.csv"):
    lines = [*head, *([columns] if columns else []), *(",".join(map(str, edge)) for edge in EDGES)]
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def offers(path, **options):
    return {one.name: one for one in parse(path, **options)[1].offers}


def test_each_column_is_offered_with_what_it_gives(tmp_path):
    path = table(tmp_path)
    found = offers(path)
    assert {name: (one.gives, one.is_taken) for name, one in found.items()} == {
        "first_number": ("1.5 to 4.5, first GATA1 to HBB", False),
        "second_number": ("0.1 to 0.7, first CEBPA to MPO", False),
    }
    for name, one in found.items():
        again = parse(path, score=name)[1]
        assert [other.name for other in again.offers if other.is_taken] == [name]
        best = match(again, title="").edges.iloc[0]
        assert one.best == f"{best['source']} to {best['target']}"


def test_a_column_that_is_called_a_score_is_taken_and_the_others_stay_to_choose(tmp_path):
    found = offers(table(tmp_path, columns="TF,target,score,lift"))
    assert {name: one.is_taken for name, one in found.items()} == {"score": True, "lift": False}
    assert list(offers(table(tmp_path, columns="TF,target,score,pval"))) == ["score"], "a p-value orders no edges"
    assert list(offers(table(tmp_path, columns=""))) == ["3", "4"]


def test_what_is_offered_survives_the_way_out_of_the_reader(tmp_path):
    handed.read_into(table(tmp_path), tmp_path, {})
    title, edges = handed.load(tmp_path)
    assert {one.name: one for one in edges.offers} == offers(table(tmp_path))
    assert match(edges, title=title).offers == edges.offers


@pytest.mark.parametrize(
    "head",
    [
        ["Supplementary Table 5"],
        ["Supplementary Table 5, targets of TFs"],
        ["Supplementary Table 5,,,"],
        ["Supplementary Table 5", "", "Smith et al."],
    ],
)
def test_titles_above_the_header_are_no_edges(tmp_path, head):
    plain = match(parse(table(tmp_path, name="b.csv"))[1], title="").edges
    titled = match(parse(table(tmp_path, *head))[1], title="").edges
    assert titled.equals(plain)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_empty_fields_in_front_are_no_column_with_and_without_a_header(tmp_path, delimiter):
    rows = [delimiter.join(map(str, edge[:3])) for edge in EDGES]
    plain, shifted, headed = (tmp_path / f"{name}.csv" for name in ("plain", "shifted", "headed"))
    plain.write_text("\n".join(rows) + "\n")
    shifted.write_text("".join(f"{delimiter}{row}\n" for row in rows))
    headed.write_text("".join(f"{delimiter}{row}\n" for row in [delimiter.join(("TF", "target", "score")), *rows]))
    wanted = match(parse(plain)[1], title="").edges
    for path in (shifted, headed):
        assert match(parse(path)[1], title="").edges.equals(wanted)
        with pytest.raises(HoldsNetworkError):
            read_here(path, form="text", title="", read_as=FROM_THE_FILE)


def test_a_tf_that_stands_for_the_lines_below_it_makes_a_list_of_edges_no_cells(tmp_path):
    path = tmp_path / "merged.csv"
    path.write_text("TF,target,score\nSPI1,CD14,3\n,LYZ,2\nGATA1,HBB,4\n,KLF1,1\nCEBPA,MPO,2\n")
    with pytest.raises(HoldsNetworkError):
        read_here(path, form="text", title="", read_as=FROM_THE_FILE)
    found = match(parse(path)[1], title="")
    assert len(found.edges) == 3
    assert "2 of 5 edges lack a source or a target: left out." in found.notes
