using SnapshotGrains.InProcess.Activations;

namespace Orleans.Runtime;

/// <summary>Values that travel with a call, and on with the calls that it makes.</summary>
public static class RequestContext
{
    internal const string ReentrancyKey = "#CCR";
    private static readonly AsyncLocal<Dictionary<string, object>?> Current = new();

    /// <summary>Names the call chain that may re-enter grains; empty = none.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
            {
                Remove(ReentrancyKey);
            }
            else
            {
                Set(ReentrancyKey, value);
            }
        }
    }

    /// <summary>The names.</summary>
    public static IEnumerable<string> Keys => Current.Value?.Keys ?? Enumerable.Empty<string>();

    /// <summary>The names and values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Current.Value ?? [];

    // The dictionary is replaced, never changed, so a message may hold it without a copy.
    internal static Dictionary<string, object>? Data
    {
        get => Current.Value;
        set => Current.Value = value;
    }

    /// <summary>The value of this name, or null.</summary>
    public static object? Get(string key) =>
        Current.Value is { } data && data.TryGetValue(key, out var value) ? value : null;

    /// <summary>Sets a value for the calls made from here on.</summary>
    public static void Set(string key, object value) =>
        Current.Value = new Dictionary<string, object>(Current.Value ?? []) { [key] = value };

    /// <summary>Removes a value; false if there was none.</summary>
    public static bool Remove(string key)
    {
        if (Current.Value is not { } data || !data.ContainsKey(key))
        {
            return false;
        }

        var rest = new Dictionary<string, object>(data);
        rest.Remove(key);
        Current.Value = rest.Count == 0 ? null : rest;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear()
    {
        if (Current.Value is not null)
        {
            Current.Value = null;
        }
    }

    /// <summary>Lets the calls made until the section is disposed call back into this grain.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var original = ReentrancyId;
        return new(original, original == Guid.Empty ? Guid.NewGuid() : original);
    }

    /// <summary>Keeps the calls made until the section is disposed from re-entering grains.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>Restores the previous call-chain rule when disposed.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _originalId;
        private readonly Guid _newId;

        /// <summary>Enters the section.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _originalId = originalReentrancyId;
            _newId = newReentrancyId;
            if (_newId != _originalId)
            {
                ReentrancyId = _newId;
            }

            if (_newId != Guid.Empty)
            {
                Activation.Current?.EnterReentrantSection(_newId);
            }
        }

        /// <summary>Leaves the section.</summary>
        public void Dispose()
        {
            if (_newId != Guid.Empty)
            {
                Activation.Current?.LeaveReentrantSection(_newId);
            }

            if (_newId != _originalId)
            {
                ReentrancyId = _originalId;
            }
        }
    }
}
