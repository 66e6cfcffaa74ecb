"""What a model knows of the user's genes, and what is lost on the way."""

from __future__ import annotations

import json

from grn_core.genes import match_genes, present_names
from grn_core.genes.vocabulary import vocabulary_report

VOCABULARY = ("SPI1", "GATA1", "CEBPA", "LYZ", "SPATA5", "TRP53BP1", "ACTB")


def test_human_genes_are_counted_once_each():
    match = match_genes(["SPI1", "GATA1", "AFG2A", "KLF1", "LYZ", "HBB", "no-gene"])
    report = vocabulary_report(match, VOCABULARY, model="Toy")
    assert (report.n_names, report.n_known, report.n_alias) == (7, 4, 1)
    assert report.aliases == (("AFG2A", "SPATA5"),)
    assert report.not_in_model == ("HBB", "KLF1")
    assert report.unknown == ("no-gene",)
    assert (report.n_tfs, report.lost_tfs) == (3, ("KLF1",))
    lost = len(report.unknown) + len(report.without_ortholog) + len(report.not_in_model)
    assert report.n_known + lost == report.n_names


def test_mouse_genes_go_through_orthologs_and_the_loss_is_told():
    match = match_genes(["Spi1", "Gata1", "Lyz1", "H2-K1", "Actb", "Cebpa", "Trp53"], species="mouse")
    report = vocabulary_report(match, VOCABULARY, model="Toy")
    assert report.n_ortholog == report.n_known == 4
    assert set(report.without_ortholog) == {"H2-K1", "Lyz1"}
    assert report.not_in_model == ("Trp53",)
    assert report.lost_tfs == ("Trp53",)
    told = " ".join(report.sentences())
    assert "4 mouse genes were asked as their 1:1 human ortholog." in told
    assert "2 mouse genes have no 1:1 human ortholog and are lost: H2-K1, Lyz1." in told
    assert "1 of the 4 TFs is among the lost: Trp53." in told


def test_older_mouse_symbols_are_told_and_upper_case_is_none():
    report = vocabulary_report(match_genes(["SPI1", "GATA1", "Glmp", "0610031J06Rik"]), ["GLMP", "SPI1"], model="Toy")
    assert (report.species, report.n_known, report.n_alias) == ("mouse", 3, 1)
    assert report.aliases == (("0610031J06Rik", "Glmp"),)
    assert "1 of them is an older or other name of a known gene: 0610031J06Rik is Glmp." in report.sentences()


def test_a_tf_without_an_ortholog_is_a_lost_tf():
    from grn_core.genes import ortholog_to_human, tf_list

    alone = sorted(tf_list("scenic-mouse") - ortholog_to_human().keys())[:2]
    match = match_genes([*alone, "Spi1"], species="mouse")
    report = vocabulary_report(match, VOCABULARY, model="Toy", tfs="scenic-mouse")
    assert set(alone) <= set(report.lost_tfs)


def test_an_own_tf_list_decides_what_a_lost_tf_is():
    match = match_genes(["SPI1", "KLF1", "HBB"])
    assert vocabulary_report(match, VOCABULARY, model="Toy", tfs=["HBB"]).lost_tfs == ("HBB",)
    assert (
        vocabulary_report(match, VOCABULARY, model="Toy", tfs=["SPI1"]).sentences()[-1]
        == "Every TF is known to the model."
    )
    assert vocabulary_report(match, VOCABULARY, model="Toy", tfs="human").lost_tfs == ("KLF1",)


def test_ensembl_ids_are_no_aliases():
    report = vocabulary_report(match_genes(["ENSG00000066336", "ENSG00000102145"]), VOCABULARY, model="Toy")
    assert (report.n_known, report.n_alias, report.id_type) == (2, 0, "ensembl")


def test_names_that_are_no_genes_are_told_so_and_not_as_lost_genes_of_a_species():
    made_up = [f"ZQ{number}X" for number in range(9)]
    for names in (made_up, [*made_up, "SPI1"]):
        known, told = vocabulary_report(match_genes(names), VOCABULARY, model="Toy").sentences()
        assert known.startswith(f"Toy knows {len(names) - 9} of the {len(names)} genes")
        assert "not recognised" in told
        assert "Needed: human or mouse gene symbols" in told


def test_the_report_is_json():
    report = vocabulary_report(match_genes(["AFG2A", "KLF1"]), VOCABULARY, model="Toy")
    assert json.loads(json.dumps(report.to_json()))["not_in_model"] == ["KLF1"]


def test_old_names_of_a_vocabulary_become_todays():
    assert present_names(["AFG2A", "SPI1", "no-gene"]) == ("SPATA5", "SPI1", "no-gene")
    # where today's name is in the list itself, or two names mean it, nothing is renamed
    assert present_names(["AFG2A", "SPATA5"]) == ("AFG2A", "SPATA5")


def test_one_lost_gene_is_told_in_the_singular():
    sentences = vocabulary_report(match_genes(["SPI1", "KLF1", "GATA1"]), VOCABULARY, model="Toy").sentences()
    assert "1 gene is not in the model's vocabulary and is lost: KLF1." in sentences
    assert any(sentence.endswith("TFs is among the lost: KLF1.") for sentence in sentences)


def test_genes_that_are_lost_are_called_as_results_call_them():
    names = ["ENSG00000105610", "ENSG00000066336", "ENSG00000999999"]
    labels = ("KLF1", "SPI1", "ENSG00000999999")
    report = vocabulary_report(match_genes(names), ["SPI1"], model="Toy", labels=labels)
    assert (report.not_in_model, report.unknown, report.lost_tfs) == (("KLF1",), ("ENSG00000999999",), ("KLF1",))
    assert "1 gene is not in the model's vocabulary and is lost: KLF1." in report.sentences()


def test_where_only_the_vocabulary_is_taken_the_model_is_named_with_the_reason_and_asked_nothing():
    for names in (["SPI1", "KLF1", "GATA1"], ["SPI1", "GATA1"]):
        report = vocabulary_report(match_genes(names), VOCABULARY, model="Toy")
        asked, taken = report.sentences(), report.sentences(asked=False)
        assert taken[0].startswith(f"2 of the {len(names)} genes ({2 / len(names):.0%}) can take part: those that Toy")
        assert len(asked) == len(taken)
        assert not any("the model" in text.replace("the model's vocabulary", "") for text in taken)
