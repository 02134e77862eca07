"""Tables of the results: plain for a terminal, Markdown for the documents."""
from lib.results import is_quiet

COLUMNS = {     # figure: (title, how it is written)
    "iops": ("IOPS", "{:,.0f}"), "mb_s": ("MB/s", "{:,.0f}"), "seconds": ("s", "{:,.2f}"),
    "p50_us": ("p50 µs", "{:,.0f}"), "p99_us": ("p99 µs", "{:,.0f}"), "p999_us": ("p99.9 µs", "{:,.0f}"),
    "cpu_us": ("server CPU µs/op", "{:,.1f}"), "user_us": ("user µs/op", "{:,.1f}"),
    "kernel_us": ("kernel µs/op", "{:,.1f}"), "syscalls": ("calls/op", "{:,.2f}"),
    "switches": ("switches/op", "{:,.2f}"), "cpu_s": ("server CPU s", "{:,.2f}"),
    "requests": ("center requests", "{:,.0f}"),
    "up_mib": ("center MiB", "{:,.0f}"), "amplification": ("fetched ÷ distinct", "{:.3f}"),
    "copied_mb_s": ("hydrated MB/s", "{:,.0f}"), "rss_growth": ("RSS most ÷ least", "{:.3f}"),
    "max_s": ("slowest read s", "{:.3f}"), "busiest": ("busiest silo ÷ mean", "{:.2f}"),
    "hit_points": ("hit ratio lost, points", "{:.1f}"),
}
TITLES = {
    "warm-4k-qd1": "Warm 4 KiB random reads, depth 1, cores kept awake",
    "warm-4k-qd32": "Warm 4 KiB random reads, depth 32, one connection",
    "warm-4k-qd32x4": "Warm 4 KiB random reads, depth 32 over four connections",
    "warm-1m": "Warm 1 MiB sequential reads, depth 8",
    "write-4k-qd32": "4 KiB random writes to a clone, depth 32",
    "write-4k-qd1": "4 KiB random writes to a clone, depth 1",
    "write-1m": "1 MiB sequential writes to a clone, depth 4",
    "overlay-4k-qd32": "4 KiB random reads of what was written, depth 32",
    "overlay-4k-qd1": "4 KiB random reads of what was written, depth 1",
    "overlay-1m": "1 MiB sequential reads of what was written, depth 4",
    "encrypted-1m": "Encrypted disks: 1 MiB sequential reads, depth 4",
    "encrypted-4k-qd32": "Encrypted disks: 4 KiB random reads, depth 32",
    "encrypted-4k-qd1": "Encrypted disks: 4 KiB random reads, depth 1",
    "encrypted-write-4k-qd32": "Encrypted disks: 4 KiB random writes, depth 32",
    "hydrate-qd1": "Warm 4 KiB reads alone and beside eight hydrating disks, depth 1",
    "hydrate-qd16": "Warm 4 KiB reads alone and beside eight hydrating disks, depth 16",
    "boot-1": "One cold clone boots",
    "boot-8": "Eight cold clones boot at once on eight hosts; seconds of the slowest",
    "cost-4k-qd1": "What a warm 4 KiB read costs the server, depth 1",
    "cost-4k-qd32": "What a warm 4 KiB read costs the server, depth 32",
    "cost-1m": "What a warm 1 MiB read costs the server, depth 8",
    "cold-read": "Cold sequential read, one connection",
    "clones-1000": "1,000 clones",
    "soak": "Soak: random reads over ten times the budget",
    "zipf": "Zipf reads over three silos",
    "scan": "A full scan beside a hot set",
}


def title(row):
    if row.startswith("storm-"):
        return f"Cold clones boot at once from {row.split('-')[1]} silo(s); seconds of the slowest"
    return TITLES.get(row, row)


def verdicts(results, bars):
    """Header and lines of the table of bars."""
    yield "load", "figure", "ours ÷ peer", "rounds", "bar", ""
    for bar in bars:
        verdict = results.verdict(bar)
        who = (bar.ours.partition(" ")[2] + " " if " " in bar.ours else "") + (f"÷ {bar.peer}" if bar.peer else "")
        value = f"{verdict.value:.2f} ({verdict.least:.2f}–{verdict.most:.2f})" if verdict.rounds else "–"
        yield bar.row, f"{COLUMNS[bar.metric][0]} {who}".strip(), value, str(verdict.rounds), bar.wording, verdict.word


def rows(results, row):
    """Header and lines of one load's table: medians, and the range of the first figure."""
    servers = {who: results.medians(row, who) for who in results.rows[row]}
    keys = [key for key in COLUMNS if any(key in figures for figures in servers.values())]
    yield row, *(COLUMNS[key][0] for key in keys), "range", "quiet rounds"
    for who, figures in servers.items():
        rounds = results.rows[row][who]
        lead = next(key for key in keys if key in figures)
        yield (who, *(write(key, figures[key][0]) if key in figures else "" for key in keys),
               f"{write(lead, figures[lead][1])}–{write(lead, figures[lead][2])}", count_quiet(rounds))


def count_quiet(rounds):
    return f"{sum(is_quiet(r) for r in rounds)} of {len(rounds)}"


def write(key, value):
    return COLUMNS[key][1].format(value)


def plain(lines):
    """Columns side by side; the first is a name, the others are figures."""
    lines = [list(line) for line in lines]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join("  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in
                                                            zip(line[1:], widths[1:]))]).rstrip() for line in lines)


def markdown(lines):
    header, *others = [list(line) for line in lines]
    rule = ["---"] + ["--:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *others])


def text(results, bars):
    parts = [plain(rows(results, row)) for row in results.rows]
    return "\n\n".join(parts + ([plain(verdicts(results, bars))] if bars else []))
