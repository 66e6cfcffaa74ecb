"""The table of edges: its order, ranks and percentiles against a slow count, and what comes back from disk."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from grn_core.errors import DataError
from grn_core.networks import COLUMNS, GeneNames, edge_table, percentile, ranked, read_edges, write_edges
from grn_core.networks.edge_columns import NAMES, NUMBERS, is_typed
from grn_core.networks.edge_table import (
    DIRECTED,
    expected_precision,
    in_todays_columns,
    is_directed,
    table_tsv,
    without_probability,
)

# Names as users have them: commas, quotes, spaces, Greek, a gene called NA, ids; no control characters.
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=6) | st.sampled_from(
    ["NA", "nan", "", "H2A,FY", 'GATA"1"', "TGFβ", "ENSG00000113648", "1", "1e3", " SPI1 ", "None", "#1"]
)
shares = st.floats(0, 1, width=32)


@st.composite
def scored(draw):
    """Some pairs of two to six genes with scores that are often tied, and names of every kind."""
    symbols = draw(st.lists(words.filter(bool), min_size=2, max_size=6, unique=True))
    n = len(symbols)
    genes = GeneNames(tuple(symbols), tuple(draw(words) for _ in range(n)), tuple(draw(words) for _ in range(n)))
    pairs = draw(st.lists(st.sampled_from(list(permutations(range(n), 2))), unique=True, max_size=20))
    one = st.tuples(
        st.integers(-2, 2) | st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.5g}")),
        shares.map(lambda value: float(f"{value:.5g}")),
        st.sampled_from([-1, 0, 1]),
        st.sampled_from([0, 0.25, 1.0]),
    )
    return genes, pairs, [draw(one) for _ in pairs]


def made(genes: GeneNames, pairs, values, *, likely: bool = True) -> pd.DataFrame:
    score, probability, sign, agreement = (
        (np.array(column) for column in zip(*values, strict=True)) if values else (np.zeros(0),) * 4
    )
    return edge_table(
        [source for source, _ in pairs],
        [target for _, target in pairs],
        score,
        genes=genes,
        sign=sign,
        **({"probability": probability, "sign_agreement": agreement, "uncertainty": probability / 2} if likely else {}),
    )


@given(scored())
def test_ranks_and_percentiles_equal_a_slow_count(case):
    genes, pairs, values = case
    table = made(*case)
    assert list(table) == list(COLUMNS)
    assert {name: str(table[name].dtype) for name in NUMBERS} == NUMBERS
    assert len(table) == len(pairs)

    def before(one, other) -> bool:
        """Whether the edge `one` stands before `other`, by the definition."""
        (a, one_values), (b, other_values) = one, other
        if one_values[0] != other_values[0]:
            return one_values[0] > other_values[0]
        return [genes.symbols[end] for end in a] < [genes.symbols[end] for end in b]

    every = list(zip(pairs, values, strict=True))
    rows = {(row.source_symbol, row.target_symbol): row for row in table.itertuples()}
    for edge in every:
        (source, target), (score, probability, sign, agreement) = edge
        row = rows[genes.symbols[source], genes.symbols[target]]
        assert (row.source, row.target) == (genes.labels[source], genes.labels[target])
        assert (row.source_id, row.target_id) == (genes.ids[source], genes.ids[target])
        assert (row.score, row.sign) == (score, sign)
        assert (row.probability, row.sign_agreement) == (np.float32(probability), np.float32(agreement))
        better = sum(before(other, edge) for other in every)
        worse = sum(before(edge, other) for other in every)
        assert better + worse == len(every) - 1
        assert row.rank == better + 1
        assert row.percentile == pytest.approx(100 * worse / (better + worse) if len(every) > 1 else 100)


@given(scored(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_genes_changes_nothing(case, random):
    genes, pairs, values = case
    rows, places = list(range(len(pairs))), list(range(len(genes.symbols)))
    random.shuffle(rows)
    random.shuffle(places)
    moved = GeneNames(*(tuple(names[i] for i in places) for names in (genes.symbols, genes.labels, genes.ids)))
    to = {old: new for new, old in enumerate(places)}
    again = made(moved, [(to[pairs[i][0]], to[pairs[i][1]]) for i in rows], [values[i] for i in rows])
    assert_frame_equal(made(*case), again)
    shuffled = made(*case).sample(frac=1, random_state=0).drop(columns=["rank", "percentile"])
    assert_frame_equal(ranked(shuffled), made(*case))


@pytest.mark.parametrize("name", ["edges.parquet", "edges.tsv"])
@given(case=scored(), likely=st.booleans())
def test_what_is_written_comes_back(name, case, likely):
    table = made(*case, likely=likely)
    assert ("probability" in table) == likely
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_edges(table, path)
        again = read_edges(path)
        assert_frame_equal(again, table, check_exact=name.endswith("parquet"), rtol=1e-5, atol=0)
        content = path.read_bytes()
        write_edges(again, path)
        assert path.read_bytes() == content


def old_table() -> pd.DataFrame:
    """What version 0.1.0 wrote of genes that the data call by other names."""
    return pd.DataFrame(
        {
            "source": ["Spi1", "Gata1", "Spi1"],
            "target": ["Macroh2a1", "Spi1", "Gata1"],
            "score": [2.0, 1.0, 1.0],
            "probability": np.array([0.9, 0.5, 0.5], dtype=np.float32),
            "sign": [1, -1, 1],
            "sign_agreement": [1.0, 0.75, 0.5],
            "spread": [0.1, 0.2, 0.3],
            "rank": [1, 2, 3],
            "percentile": [100.0, 50.0, 0.0],
        }
    )


def test_a_table_of_an_earlier_version_is_read_in_todays_columns(tmp_path):
    names = GeneNames(("GATA1", "MACROH2A1", "SPI1"), ("Gata1", "Macroh2a1", "Spi1"), ("ENSMUSG1", "", "ENSMUSG2"))
    old_table().to_parquet(tmp_path / "edges.parquet", index=False)
    table = read_edges(tmp_path / "edges.parquet", names=names)
    assert list(table) == list(COLUMNS)
    np.testing.assert_allclose(table["uncertainty"], [0.1, 0.2, 0.3])
    assert table["source_symbol"].tolist() == ["SPI1", "GATA1", "SPI1"]
    assert table["target_symbol"].tolist() == ["MACROH2A1", "SPI1", "GATA1"]
    assert table["source_id"].tolist() == ["ENSMUSG2", "ENSMUSG1", "ENSMUSG2"]
    assert table["target_id"].tolist() == ["", "ENSMUSG2", "ENSMUSG1"]
    assert table["source"].tolist() == ["Spi1", "Gata1", "Spi1"]
    assert table["rank"].tolist() == [1, 2, 3]


def test_a_table_without_names_or_signs_is_filled_in():
    table = ranked(pd.DataFrame({"source": ["b", "a"], "target": ["a", "b"], "score": [1, 1]}))
    assert table.to_dict("list") == {
        "source": ["a", "b"],
        "target": ["b", "a"],
        "source_id": ["", ""],
        "target_id": ["", ""],
        "source_symbol": ["a", "b"],
        "target_symbol": ["b", "a"],
        "score": [1.0, 1.0],
        "sign": [0, 0],
        "rank": [1, 2],
        "percentile": [100.0, 0.0],
    }
    unranked = old_table().drop(columns=["rank", "percentile"]).iloc[::-1]
    assert in_todays_columns(unranked)["source"].tolist() == ["Spi1", "Gata1", "Spi1"]


def test_a_column_of_no_values_is_left_out():
    table = in_todays_columns(old_table().assign(probability=np.nan))
    assert "probability" not in table
    assert "uncertainty" in table


def test_the_percentile_of_one_edge_alone():
    assert percentile([1], n=1).tolist() == [100.0]
    assert percentile([1, 2, 3], n=3).tolist() == [100.0, 50.0, 0.0]
    assert percentile([1.5, 1.5], n=2).tolist() == [50.0, 50.0]
    assert len(edge_table([], [], [], genes=GeneNames.plain(["A", "B"]))) == 0


@pytest.mark.parametrize(
    ("source", "target", "score", "words"),
    [
        ([0, 1], [1, 0], [1.0], "differ in length"),
        ([0, 1], [1], [1.0, 2.0], "differ in length"),
        ([0, 1], [1, 0], [1.0, np.nan], "1 of 2 edges have no finite score"),
        ([0, 1], [1, 0], [1.0, np.inf], "1 of 2 edges have no finite score"),
        ([0, 1], [1, 1], [1.0, 2.0], "1 edge starts and ends at the same gene"),
    ],
)
def test_what_is_no_table_of_edges_is_refused(source, target, score, words):
    with pytest.raises(DataError, match=words):
        edge_table(source, target, score, genes=GeneNames.plain(["A", "B"]))


def test_a_table_that_lacks_columns_is_refused():
    with pytest.raises(DataError, match="no column target, score"):
        ranked(pd.DataFrame({"source": ["A"]}))
    with pytest.raises(DataError, match="2 symbols, 1 labels and 2 ids"):
        GeneNames(("A", "B"), ("a",), ("", ""))


def test_ties_stand_by_source_then_target_and_rows_are_numbered_through():
    """Two tied edges of one source, given in the other order, under row labels of their own."""
    rows = [("MYC", "SPI1", 0.5), ("MYC", "NA", 0.5), ("FOS", "ZEB1", 0.5), ("ZEB1", "FOS", 0.9)]
    table = ranked(pd.DataFrame(rows, columns=["source", "target", "score"], index=[7, 3, 9, 1]))
    assert list(zip(table["source"], table["target"], strict=True)) == [
        ("ZEB1", "FOS"),
        ("FOS", "ZEB1"),
        ("MYC", "NA"),
        ("MYC", "SPI1"),
    ]
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table["rank"].tolist() == [1, 2, 3, 4]


def test_an_edge_has_a_direction_unless_the_table_says_otherwise():
    table = pd.DataFrame({"source": ["A"], "target": ["B"], "score": [1.0]})
    assert is_directed(table) is True
    table.attrs[DIRECTED] = False
    assert is_directed(table) is False
    table.attrs[DIRECTED] = True
    assert is_directed(table) is True


def test_a_table_as_text_by_the_letter():
    table = pd.DataFrame({"TF": ["TGFβ", "a\tb"], "share": [1 / 3, 12345678.0]}, index=[5, 6])
    assert table_tsv(table).decode("utf-8") == 'TF\tshare\nTGFβ\t0.333333\n"a\tb"\t1.23457e+07\n'


def test_the_lengths_that_differ_are_said():
    with pytest.raises(DataError, match=r"\(2,\) sources, \(2,\) targets, score \(2,\), sign \(1,\); needed"):
        edge_table([0, 1], [1, 0], [1.0, 2.0], genes=GeneNames.plain(["A", "B"]), sign=[1])


def test_a_table_that_has_ranks_keeps_their_order():
    """Whatever its scores are: an earlier version may have ranked by others."""
    given = pd.DataFrame({"source": ["A", "B"], "target": ["B", "A"], "score": [1.0, 2.0], "rank": [1, 2]})
    assert in_todays_columns(given)["source"].tolist() == ["A", "B"]


def test_a_number_that_is_absent_is_read_from_text(tmp_path):
    rows = "source\ttarget\tscore\tprobability\nNA\tB\t2\t\nB\tNA\t1\t0.25\n"
    (tmp_path / "edges.tsv").write_text(rows, encoding="utf-8")
    table = read_edges(tmp_path / "edges.tsv")
    assert table["source"].tolist() == ["NA", "B"]
    np.testing.assert_array_equal(table["probability"], [np.nan, 0.25])


def test_a_gene_whose_name_is_a_number_keeps_its_digits(tmp_path):
    """Gene ids of NCBI are numbers: read as such, 007 would be 7 and 1e5 would be 100000."""
    (tmp_path / "edges.tsv").write_text("source\ttarget\tscore\n007\t1e5\t2\n7157\t007\t1\n", encoding="utf-8")
    table = read_edges(tmp_path / "edges.tsv")
    assert table[["source", "target"]].to_numpy().tolist() == [["007", "1e5"], ["7157", "007"]]


def test_a_gene_without_a_name_has_its_label_and_no_id():
    names = GeneNames(("GATA1",), ("Gata1",), ("ENSMUSG1",))
    given = pd.DataFrame({"source": ["Gata1"], "target": ["Mystery"], "score": [1.0]})
    (row,) = in_todays_columns(given, names=names).to_dict("records")
    assert (row["source_symbol"], row["source_id"]) == ("GATA1", "ENSMUSG1")
    assert (row["target_symbol"], row["target_id"]) == ("Mystery", "")


def test_expected_precision_is_the_mean_probability_down_to_each_rank():
    table = pd.DataFrame({"probability": np.array([0.75, 0.25, 0.5, 0.0], dtype=np.float32)})
    found = expected_precision(table)
    assert found.dtype == np.float64
    assert found.tolist() == [0.75, 0.5, 0.5, 0.375]
    assert expected_precision(table.iloc[:0]).tolist() == []


def test_a_probability_goes_with_its_uncertainty():
    table = pd.DataFrame({"score": [1.0], "probability": [0.5], "uncertainty": [0.1], "sign": [0]})
    assert list(without_probability(table)) == ["score", "sign"]
    assert list(without_probability(table.drop(columns="uncertainty"))) == ["score", "sign"]
    consensus = table.drop(columns="probability")  # there the uncertainty is that of the points
    assert without_probability(consensus) is consensus


@given(st.sets(st.integers(1, 40), min_size=1))
def test_a_part_keeps_its_places_among_all_edges(places):
    whole = ranked(
        pd.DataFrame({"source": "A", "target": [f"G{n:02d}" for n in range(40)], "score": np.linspace(1.0, 0.0, 40)})
    )
    part = whole[whole["rank"].isin(places)]
    again = in_todays_columns(part)
    pd.testing.assert_frame_equal(again, part.reset_index(drop=True))
    found = in_todays_columns(part.drop(columns="percentile"))
    assert found["rank"].tolist() == sorted(places)
    if max(places) == 40:
        np.testing.assert_allclose(found["percentile"], part["percentile"])


def test_equal_scores_among_many_stand_by_symbols_as_a_full_sort_puts_them():
    """Scores of which some are alone, some tied in short runs and most in one long run; pairs that are there twice."""
    draws = np.random.default_rng(3)
    names = [f"G{number:03d}" for number in draws.permutation(50)]
    source, target = draws.integers(0, 50, 4000), draws.integers(0, 50, 4000)
    kept = source != target
    source, target = source[kept], target[kept]
    score = draws.choice([0.0, -0.0, 0.0, 1.0, 2.0], len(source)) + (draws.random(len(source)) < 0.2) * draws.random(
        len(source)
    ).round(2)
    table = edge_table(source, target, score, genes=GeneNames.plain(names))
    rows = sorted(zip(-score, (names[one] for one in source), (names[one] for one in target), strict=True))
    assert list(zip(-table["score"], table["source"], table["target"], strict=True)) == rows


def test_a_file_whose_rows_lie_otherwise_is_put_in_order(tmp_path):
    """What is not what this version writes goes the longer way: other order, types, ranks or columns."""
    table = edge_table([0, 1, 2], [1, 2, 0], [3.0, 2.0, 1.0], genes=GeneNames.plain(["A", "B", "C"]))
    changes = {
        "order": table.iloc[::-1],
        "types": table.astype({"score": "float32", "sign": "int64"}),
        "columns": table[sorted(table)].assign(note="mine"),
        "percentiles": table.assign(percentile=0.0),
        "empty": table.assign(probability=np.nan),
    }
    for changed in changes.values():
        changed.to_parquet(tmp_path / "edges.parquet", index=False)
        assert_frame_equal(read_edges(tmp_path / "edges.parquet"), table)


def test_only_a_table_that_is_in_order_by_its_scores_is_taken_as_it_is():
    table = edge_table([0, 1, 2], [1, 2, 0], [3.0, 2.0, 1.0], genes=GeneNames.plain(["A", "B", "C"]))
    assert is_typed(table)
    assert not is_typed(table.assign(score=[1.0, 3.0, 2.0]))
    assert not is_typed(table.assign(score=[3.0, 2.0, np.nan]))


@pytest.mark.parametrize("kind", ["object", "string[python]", "string[pyarrow]"])
def test_names_are_text_whichever_type_pandas_gives_to_text(kind):
    table = edge_table([0, 1], [1, 0], [2.0, 1.0], genes=GeneNames.plain(["A", "B"]))
    assert is_typed(table.astype(dict.fromkeys(NAMES, kind)))
    assert not is_typed(table.assign(source=pd.Series(["A", None], dtype=kind)))


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("score", ["1", "high"], "the column score of the edges holds 'high'"),
        ("sign", ["1", "+"], "holds '\\+'; needed: 1, -1, or 0"),
        ("probability", [0.5, "x" * 99], f"holds '{'x' * 44}…{'x' * 15}'"),
        ("score", pd.to_datetime(["2020", "2021"]), "holds '2020-01-01"),
        ("score", [1j, 2.0], "holds '1j'"),
        ("uncertainty", ["none", 0.5], "holds 'none'"),
        ("rank", [1, "best"], "column rank .* holds 'best'"),
        ("target", ["G", None], "1 edge has no target"),
        ("source", [np.nan, None], "2 edges have no source"),
    ],
)
def test_what_somebody_else_fills_columns_with_is_a_number_and_a_name_or_is_refused(column, values, words):
    given = pd.DataFrame({"source": ["A", "B"], "target": ["G", "H"], "score": [1.0, 2.0]})
    with pytest.raises(DataError, match=words):
        in_todays_columns(given.assign(**{column: values}))


@pytest.mark.parametrize("column", ["source", "target", "score", "sign"])
def test_two_columns_of_one_name_are_refused(column):
    given = pd.DataFrame({"source": ["A", "B"], "target": ["G", "H"], "score": [1.0, 2.0], "sign": 1, "of mine": 1})
    assert len(in_todays_columns(pd.concat([given, given[["of mine"]]], axis=1))) == 2
    with pytest.raises(DataError, match=f"several columns called {column}"):
        in_todays_columns(pd.concat([given, given[[column]]], axis=1))


def test_numbers_in_words_are_ranked_as_numbers_and_any_number_below_zero_is_repression():
    """As text 10 stands before 9; one byte makes 300 of -212, and 0 of -0.3."""
    given = pd.DataFrame({"source": list("ABCD"), "target": "G", "score": ["9", "10", "-1", "1e2"]})
    found = in_todays_columns(given.assign(sign=[300, -0.3, None, "-2"], probability=pd.Categorical(list("0101"))))
    assert found["source"].tolist() == ["D", "B", "A", "C"]
    assert found["sign"].tolist() == [-1, -1, 1, 0]
    assert found["probability"].tolist() == [1, 1, 0, 0]
    unnamed = in_todays_columns(given.assign(source_symbol=[None, "b", "c", "d"]))
    assert unnamed.set_index("source").loc["A", "source_symbol"] == "A"
