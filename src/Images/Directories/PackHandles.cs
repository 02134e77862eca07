using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Images;

/// <summary>Pack files kept open, a bounded number of them. Thread-safe.</summary>
internal sealed class PackHandles(CenterLayout layout, int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PackId, Entry> _entries = [];
    private long _clock;

    /// <summary>The open file, to be disposed after the read.</summary>
    /// <exception cref="FileNotFoundException">There is no such pack.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Lease Open(PackId pack)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(pack, out var entry))
            {
                const FileShare AllowAll = FileShare.ReadWrite | FileShare.Delete;
                entry = new Entry(File.OpenHandle(layout.PackFile(pack), FileMode.Open, FileAccess.Read, AllowAll));
                MakeRoomLocked();
                _entries.Add(pack, entry);
            }

            entry.Leases++;
            entry.LastUse = ++_clock;
            return new Lease(this, entry);
        }
    }

    /// <summary>The next reader opens the file anew.</summary>
    public void Forget(PackId pack)
    {
        lock (_gate)
        {
            if (_entries.Remove(pack, out var entry))
            {
                RetireLocked(entry);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
            {
                RetireLocked(entry);
            }

            _entries.Clear();
        }
    }

    private static void RetireLocked(Entry entry)
    {
        entry.IsRetired = true;
        if (entry.Leases == 0)
        {
            entry.File.Dispose();
        }
    }

    private void MakeRoomLocked()
    {
        if (_entries.Count >= capacity)
        {
            var oldest = _entries.MinBy(pair => pair.Value.LastUse);
            _entries.Remove(oldest.Key);
            RetireLocked(oldest.Value);
        }
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            entry.Leases--;
            if (entry.IsRetired && entry.Leases == 0)
            {
                entry.File.Dispose();
            }
        }
    }

    /// <summary>Keeps a file open.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly PackHandles _owner;
        private readonly Entry _entry;

        internal Lease(PackHandles owner, Entry entry)
        {
            _owner = owner;
            _entry = entry;
        }

        public SafeFileHandle File => _entry.File;

        public void Dispose() => _owner.Return(_entry);
    }

    internal sealed class Entry(SafeFileHandle file)
    {
        public SafeFileHandle File => file;

        public int Leases { get; set; }

        public long LastUse { get; set; }

        public bool IsRetired { get; set; }
    }
}
