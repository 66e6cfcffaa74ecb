// A network for each file of cells, each in a process of its own. Untried: written beside the Snakefile, never run.
//   nextflow run main.nf --cells 'cells/*.h5ad' --networks networks
params.cells = 'cells/*.h5ad'
params.networks = 'networks'
params.options = ''

process INFER {
    publishDir params.networks, mode: 'copy'
    cpus 1
    memory '4 GB'

    input:
    path cells

    output:
    path "${cells.baseName}.tsv"

    script:
    """
    export GRN_HOME="\$PWD/home" GRN_THREADS=${task.cpus}
    grn-studio infer '${cells}' -o '${cells.baseName}.tsv' ${params.options}
    """
}

workflow {
    INFER(Channel.fromPath(params.cells, checkIfExists: true))
}
