using System.Reflection;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Gives one answer, whatever it is asked. Not a class of the interface: a silo would take it for a grain's.
/// </summary>
/// <typeparam name="T">What it stands in for.</typeparam>
public class Answering<T> : DispatchProxy
    where T : class
{
    private object? _answer;

    /// <summary>One that gives this answer.</summary>
    public static T With(object answer)
    {
        var stand = Create<T, Answering<T>>();
        ((Answering<T>)(object)stand)._answer = answer;
        return stand;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer;
}
