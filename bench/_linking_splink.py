"""The same lists put together by splink on DuckDB, with its own comparisons, blocking and training.

    python bench/_linking_splink.py LISTS OUT

LISTS is a Parquet file with the columns as given and the parts into which names and addresses were taken apart, OUT
gets a group for each id. Run by `linking.py` where splink is installed, or with the interpreter that
QINGYUAN_BENCH_SPLINK_PYTHON names.
"""

import json
import sys
import time

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.98
BLOCKS = (
    block_on("code"), block_on("body"), block_on("core", "county"), block_on("road", "number", "county"),
    block_on("substr(core, 1, 2)", "county", "town"), block_on("substr(code, 9, 5)", "county"),
)  # fmt: skip


def settings() -> SettingsCreator:
    """Comparisons as splink has them, over the parts of names and addresses."""
    code = cl.CustomComparison(
        output_column_name="code",
        comparison_levels=[
            cll.NullLevel("code"), cll.ExactMatchLevel("code"), cll.LevenshteinLevel("code", 2), cll.ElseLevel(),
        ],
    )  # fmt: skip
    body = cl.CustomComparison(
        output_column_name="body",
        comparison_levels=[
            cll.NullLevel("body"), cll.ExactMatchLevel("body", term_frequency_adjustments=True),
            cll.ExactMatchLevel("core", term_frequency_adjustments=True), cll.LevenshteinLevel("body", 1),
            cll.JaroWinklerLevel("body", 0.8), cll.ElseLevel(),
        ],
    )  # fmt: skip
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("road"), cll.And(cll.ExactMatchLevel("road"), cll.ExactMatchLevel("number")),
            cll.ExactMatchLevel("road"), cll.ExactMatchLevel("town"), cll.ElseLevel(),
        ],
    )  # fmt: skip
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            code, body, cl.ExactMatch("region"), cl.ExactMatch("branch"), address,
            cl.DistanceInKMAtThresholds("lat", "lon", [0.1, 0.5, 2, 10]), cl.ExactMatch("industry"),
        ],
        blocking_rules_to_generate_predictions=list(BLOCKS),
        unique_id_column_name="id",
    )  # fmt: skip


def main() -> None:
    """Train, predict, group; print what it took."""
    source, out = sys.argv[1:]
    began = time.perf_counter()
    api = DuckDBAPI()
    table = api.register(api._con.read_parquet(source))
    linker = Linker(table, settings(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on("code")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for block in (block_on("code"), block_on("body", "county")):
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    found = linker.inference.predict(threshold_match_probability=0.01)
    groups = linker.clustering.cluster_pairwise_predictions_at_threshold(found, THRESHOLD)
    groups.as_duckdbpyrelation().select("id, cluster_id").write_parquet(out)
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
