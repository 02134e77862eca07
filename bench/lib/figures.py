"""Which figures are drawn of the results."""
from lib import plot
from lib.ours import NAME
from lib.report import write

PANELS = (      # row, figure, title, note
    ("warm-4k-qd32", "iops", "Warm 4 KiB reads, depth 32", "IOPS, more is better"),
    ("warm-4k-qd32", "cpu_us", "What such a read costs", "server CPU, µs, less is better"),
    ("warm-1m", "mb_s", "Warm sequential reads", "MB/s, more is better"),
    ("write-4k-qd32", "iops", "4 KiB writes to a clone, depth 32", "IOPS, more is better"),
    ("boot-1", "seconds", "One cold clone boots", "seconds, less is better"),
    ("boot-8", "seconds", "Eight cold clones boot at once", "seconds of the slowest, less is better"),
    ("boot-8", "up_mib", "What they took from the image center", "MiB, less is better"),
    ("cold-read", "mb_s", "Cold sequential read", "MB/s, more is better"),
    ("clones-1000", "seconds", "1,000 clones", "seconds, less is better"),
)


def summary(results):
    """Panels of the loads that were run, or None."""
    items = [panel for row, *rest in PANELS if row in results.rows and (panel := make(results, row, *rest))]
    return plot.panels(items, "SnapshotGrains beside other servers") if items else None


def make(results, row, figure, title, note):
    medians = {who: results.medians(row, who) for who in results.rows[row]}
    bars = [(who, values[figure][0], write(figure, values[figure][0]), who.startswith(NAME))
            for who, values in medians.items() if figure in values]
    return (title, note, sorted(bars, key=lambda bar: not bar[3]), None) if bars else None


def storm(results):
    """Seconds of the slowest boot over the number of clones, a line for each number of silos, or None."""
    series = {}
    for row in results.rows:
        if row.startswith("storm-"):
            silos = row.split("-")[1]
            series[f"{silos} silo{'s' * (silos != '1')}"] = [
                (int(who.split()[0]), results.medians(row, who)["seconds"][0]) for who in results.rows[row]]
    return plot.curves("Cold clones that boot at once", series, "clones", "seconds of the slowest") if series else None
