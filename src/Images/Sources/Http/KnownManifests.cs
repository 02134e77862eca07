using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace SnapshotGrains.Images;

/// <summary>
/// Manifests that were read and are in use still, with their entity tags: asking whether they have changed costs a few
/// bytes, where a large one takes tens of MiB. Thread-safe.
/// </summary>
internal sealed class KnownManifests
{
    private const int MaxEntries = 1024;

    private readonly ConcurrentDictionary<(string Name, string Snap), Entry> _entries = new();

    /// <summary>The manifest as it is known; the request then asks for it only if it is another by now.</summary>
    public Manifest? Find(string name, string snap, HttpRequestMessage request)
    {
        if (!_entries.TryGetValue((name, snap), out var entry) || !entry.Manifest.TryGetTarget(out var manifest))
        {
            return null;
        }

        request.Headers.IfNoneMatch.Add(entry.Tag);
        return manifest;
    }

    /// <summary>Remembers a manifest that has just been read.</summary>
    public Manifest Add(Manifest manifest, HttpResponseMessage answer)
    {
        if (answer.Headers.ETag is { IsWeak: false } tag)
        {
            if (_entries.Count >= MaxEntries)
            {
                _entries.Clear();
            }

            _entries[(manifest.Name, manifest.Snap)] = new Entry(tag, new WeakReference<Manifest>(manifest));
        }

        return manifest;
    }

    private sealed record Entry(EntityTagHeaderValue Tag, WeakReference<Manifest> Manifest);
}
