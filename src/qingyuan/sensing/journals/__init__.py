"""Lists in bulk (流水清单): rows of an instant or a period, kept as Parquet files in the lake.

Only `place` knows Django; rows are Polars frames.

    place       where the lists lie
    lines       where the rows of a text begin and end
    typed       cells of a delivery as columns with types, by the same rules as those of any other list
    layout      what a file looks like: columns, order, encodings
    reading     rows of some files, narrowed
    published   the files of a list as a Delta table, for other tools
"""
