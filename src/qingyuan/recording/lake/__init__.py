"""The history lake: sealed days as Parquet files under a Delta log.
Only `below` knows Django and the rows that say which days are sealed; the rest runs in any process that has numpy,
Polars and deltalake.

    layout    what a row of it looks like, and how its files are encoded
    table     the Delta log: which files make up the lake, and swapping files in one commit
    reading   readings of some channels in a span of time
    parts     pure functions of one (kind, month, channel range), for many processes or machines
    executors where those functions run
    below     what the lake adds to readings of the hot table
"""
