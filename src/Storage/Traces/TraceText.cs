using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>
/// Traces as text, for people and scripts: a line that names the form, two with the geometry, then a line for each
/// segment with its number and the milliseconds since the first touch. Lines with # and empty lines say nothing.
/// </summary>
public static class TraceText
{
    /// <summary>What the text begins with.</summary>
    public const string FirstLine = "snapshotgrains trace 1";

    private const string Size = "size";
    private const string SegmentSize = "segment-size";

    /// <summary>The trace as text.</summary>
    public static string Format(SegmentTrace trace)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{FirstLine}\n{Size} {trace.SizeBytes}\n");
        text.Append(CultureInfo.InvariantCulture, $"{SegmentSize} {trace.SegmentSizeBytes}\n");
        foreach (var entry in trace.Entries)
        {
            var milliseconds = (long)entry.Step * SegmentTrace.StepMilliseconds;
            text.Append(CultureInfo.InvariantCulture, $"{entry.Segment} {milliseconds}\n");
        }

        return text.ToString();
    }

    /// <summary>Reads a trace from text.</summary>
    /// <exception cref="FormatException">It is none; says in which line.</exception>
    public static SegmentTrace Parse(string text)
    {
        var lines = text.Split('\n').Select((line, index) => (Text: line.Trim(), Number: index + 1))
            .Where(line => line.Text.Length > 0 && line.Text[0] != '#').ToList();
        if (lines.Count < 3 || lines[0].Text != FirstLine)
        {
            throw new FormatException($"The trace must begin with '{FirstLine}', '{Size} N' and '{SegmentSize} N'.");
        }

        var size = NumberOf(lines[1], Size);
        var segmentSize = NumberOf(lines[2], SegmentSize);
        var entries = lines.Skip(3).Take(SegmentTrace.MaxEntries + 1).Select(EntryOf).ToImmutableArray();
        try
        {
            return new SegmentTrace(size, (int)Math.Min(segmentSize, int.MaxValue), entries);
        }
        catch (ArgumentException error)
        {
            throw new FormatException(error.Message, error);
        }
    }

    private static long NumberOf((string Text, int Number) line, string name) =>
        line.Text.Split(' ') is [var word, var value] && word == name && TryNumber(value, out var number)
            ? number
            : throw new FormatException($"Line {line.Number} of the trace is '{line.Text}', not '{name} N'.");

    private static TraceEntry EntryOf((string Text, int Number) line) =>
        line.Text.Split(' ') is [var segment, var milliseconds]
        && TryNumber(segment, out var number) && TryNumber(milliseconds, out var time)
            ? new TraceEntry(number, (int)Math.Min(time / SegmentTrace.StepMilliseconds, SegmentTrace.MaxStep))
            : throw new FormatException(
                $"Line {line.Number} of the trace is '{line.Text}', not 'SEGMENT MILLISECONDS'.");

    private static bool TryNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
