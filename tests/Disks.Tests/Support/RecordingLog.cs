using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Keeps what a home logs, from warnings on.</summary>
internal sealed class RecordingLog : ILogger<DiskHome>
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    public IEnumerable<(LogLevel Level, int Id, string Text)> Entries => _entries;

    /// <summary>What says that something is broken, or null.</summary>
    public string? FirstError => _entries.Where(entry => entry.Level >= LogLevel.Error)
        .Select(entry => $"{entry.Id}: {entry.Text}").FirstOrDefault();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));
}
