"""AnnData: the network beside the genes, for scanpy, decoupler and whatever reads .h5ad."""

from __future__ import annotations

import pandas as pd

from grn_core.networks.edge_columns import NAMES
from grn_core.networks.edge_table import DIRECTED
from grn_core.networks.exports.records import Export, Network
from grn_core.networks.h5ad_image import h5ad_image, hdf5_text

PREFIX = "grn_"


def write(network: Network) -> bytes:
    """Write genes without cells: an AnnData of shape (0, genes), in the order of their labels.

    ``var``: ``symbol``, ``gene_id`` and ``is_tf``. ``varp``: for each number of the table a sparse matrix (genes,
    genes), row = TF, column = target, called ``grn_score``, ``grn_probability`` and so on; an edge of value 0 is stored
    as such. ``uns["regulons"]``: the edges as a table, best first, with ``weight`` (the probability, else the score,
    with the sign where there is one) beside ``source`` and ``target``, as decoupler reads them. ``uns["grn_directed"]``
    says whether they have a direction.
    """
    import anndata
    from scipy.sparse import csr_matrix

    graph, edges = network.graph, network.edges
    genes = [label.replace("\0", "") for label in graph]
    position = {label: place for place, label in enumerate(graph)}
    var = pd.DataFrame(
        {
            name: [hdf5_text(data[name]) for _, data in graph.nodes(data=True)] if name != "is_tf" else
            [bool(data[name]) for _, data in graph.nodes(data=True)]
            for name in ("symbol", "gene_id", "is_tf")
        },
        index=pd.Index(genes, dtype=object),
    )  # fmt: skip
    ends = tuple(edges[end].map(position).to_numpy(dtype="int64") for end in ("source", "target"))
    numbers = [name for name in edges if name not in NAMES]
    matrices = {
        f"{PREFIX}{name}": csr_matrix((edges[name].to_numpy(dtype="float64"), ends), shape=(len(genes), len(genes)))
        for name in numbers
    }
    regulons = network.table.reset_index(drop=True)
    for name in regulons.columns[[str(kind) in ("object", "str", "category") for kind in regulons.dtypes]]:
        regulons[name] = regulons[name].map(hdf5_text).astype(object)
    strength = regulons["probability" if "probability" in regulons else "score"].astype("float64")
    sign = regulons["sign"].where(regulons["sign"] != 0, 1)
    regulons["weight"] = strength.abs() * sign if regulons["sign"].any() else strength
    found = anndata.AnnData(
        shape=(0, len(genes)),
        var=var,
        varp=matrices,
        uns={"regulons": regulons, f"{PREFIX}{DIRECTED}": network.directed},
    )
    return h5ad_image(found)


RECORD = Export(
    "h5ad", "Genes with the network in varp (h5ad: scanpy, decoupler)", ".h5ad", "application/x-hdf5", write
)
