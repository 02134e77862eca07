using System.Collections.Concurrent;
using System.Reflection;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Gives one answer, whatever it is asked. Not a class of the interface: a silo would take it for a grain's.
/// </summary>
/// <typeparam name="T">What it stands in for.</typeparam>
public class Answering<T> : DispatchProxy
    where T : class
{
    private object? _answer;
    private ConcurrentQueue<string>? _calls;

    /// <summary>One that gives this answer, and notes the methods that are called.</summary>
    public static T With(object answer, ConcurrentQueue<string>? calls = null)
    {
        var stand = Create<T, Answering<T>>();
        (((Answering<T>)(object)stand)._answer, ((Answering<T>)(object)stand)._calls) = (answer, calls);
        return stand;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls?.Enqueue(targetMethod!.Name);
        return _answer;
    }
}
