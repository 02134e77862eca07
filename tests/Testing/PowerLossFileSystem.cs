using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>
/// Files in memory on a machine that can lose its power. Writes that were not flushed may then be missing, torn into
/// sectors of 512 bytes, or there without earlier ones; names that were not flushed may be missing from some point on.
/// Counts its I/O, so that a test can stop it at each, and can run out of space or fail one call.
/// </summary>
public sealed class PowerLossFileSystem : IBlockFileSystem
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PowerLossFile> _durableNames;
    private readonly List<Action<Dictionary<string, PowerLossFile>>> _pendingNames = [];
    private Dictionary<string, PowerLossFile> _names;

    public PowerLossFileSystem()
        : this([])
    {
    }

    private PowerLossFileSystem(Dictionary<string, PowerLossFile> names)
    {
        _durableNames = names;
        _names = new(names);
        foreach (var file in names.Values)
        {
            file.System = this;
        }
    }

    /// <summary>The number of the I/O at which the power fails; it may have taken effect in part.</summary>
    public long PowerFailsAt { get; set; } = long.MaxValue;

    /// <summary>Called before each I/O, with the machine as a power cut at that moment would find it.</summary>
    public Action<PowerLossFileSystem>? BeforeEach { get; set; }

    /// <summary>The number of the I/O that fails with EIO, once.</summary>
    public long ErrorAt { get; set; } = long.MaxValue;

    /// <summary>Bytes that all files together may have.</summary>
    public long QuotaBytes { get; set; } = long.MaxValue;

    /// <summary>I/O that changed something or flushed, so far.</summary>
    public long Count { get; private set; }

    public bool IsOff { get; private set; }

    public IEnumerable<string> Names => _names.Keys;

    public PowerLossFile this[string path] => _names[path];

    public IBlockFile? TryOpen(string path)
    {
        lock (_gate)
        {
            if (IsOff)
            {
                throw new PowerLostException();
            }

            return _names.TryGetValue(path, out var file) ? Lock(file, path) : null;
        }
    }

    public IBlockFile Create(string path)
    {
        lock (_gate)
        {
            Step();
            if (_names.ContainsKey(path))
            {
                throw new BlockFileBusyException(path);
            }

            var file = new PowerLossFile { System = this };
            Rename(names => names[path] = file);
            return Lock(file, path);
        }
    }

    public void Replace(string source, string destination)
    {
        lock (_gate)
        {
            Step();
            Rename(names =>
            {
                names.Remove(source, out var file);
                names[destination] = file!;
            });
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            if (_names.ContainsKey(path))
            {
                Step();
                Rename(names => names.Remove(path));
            }
        }
    }

    public void FlushDirectory(string directory)
    {
        lock (_gate)
        {
            Step();
            _pendingNames.ForEach(apply => apply(_durableNames));
            _pendingNames.Clear();
        }
    }

    /// <summary>The machine as it starts again after its power was cut now.</summary>
    public PowerLossFileSystem Restart(Random random)
    {
        lock (_gate)
        {
            IsOff = true;
            return Fork(random);
        }
    }

    /// <summary>Another machine, as this one would start again if its power were cut now; this one goes on.</summary>
    public PowerLossFileSystem Fork(Random random)
    {
        lock (_gate)
        {
            var names = new Dictionary<string, PowerLossFile>(_durableNames);
            _pendingNames.Take(random.Next(_pendingNames.Count + 1)).ToList().ForEach(apply => apply(names));
            return new(names.ToDictionary(name => name.Key, name => name.Value.AfterPowerLoss(random)));
        }
    }

    /// <summary>Runs one I/O of a file under the common lock.</summary>
    public void Act(Action action, Action? inPart = null, long growth = 0)
    {
        lock (_gate)
        {
            try
            {
                Step();
            }
            catch (PowerLostException) when (Count == PowerFailsAt)
            {
                inPart?.Invoke();
                throw;
            }

            if (growth > 0 && _names.Values.Sum(file => file.LengthBytes) + growth > QuotaBytes)
            {
                throw new IOException("No space left on device.", 28);
            }

            action();
        }
    }

    public T Look<T>(Func<T> look)
    {
        lock (_gate)
        {
            return IsOff ? throw new PowerLostException() : look();
        }
    }

    private static PowerLossFile Lock(PowerLossFile file, string path)
    {
        if (file.IsOpen)
        {
            throw new BlockFileBusyException(path);
        }

        file.IsOpen = true;
        return file;
    }

    private void Step()
    {
        BeforeEach?.Invoke(this);
        IsOff |= Count + 1 >= PowerFailsAt;
        Count++;
        if (IsOff)
        {
            throw new PowerLostException();
        }

        if (Count == ErrorAt)
        {
            throw new IOException("Input/output error.", 5);
        }
    }

    private void Rename(Action<Dictionary<string, PowerLossFile>> apply)
    {
        _names = new(_names);
        apply(_names);
        _pendingNames.Add(apply);
    }
}
