using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>
/// Checks that a method passes only what nobody can change afterwards. Orleans copies everything else, but within
/// one process messages go by reference.
/// </summary>
internal static class MessageTypes
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    private static readonly HashSet<Type> Immutables =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly),
        typeof(TimeSpan), typeof(Guid), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(BigInteger),
        typeof(Int128), typeof(UInt128), typeof(Half), typeof(CancellationToken), typeof(Type),
    ];

    private static readonly HashSet<Type> ImmutableCollections =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>),
        typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>),
        typeof(ImmutableStack<>), typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(Tuple<>), typeof(Tuple<,>),
        typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>),
        typeof(ValueTuple<,,,>), typeof(Task<>), typeof(ValueTask<>),
    ];

    /// <exception cref="NotSupportedException">A parameter or the result could be changed.</exception>
    public static void Check(MethodInfo method)
    {
        // The engine's own grains hand out fresh objects.
        if (method.DeclaringType!.Assembly == typeof(MessageTypes).Assembly)
        {
            return;
        }

        foreach (var parameter in method.GetParameters())
        {
            if (!parameter.IsDefined(typeof(ImmutableAttribute)) && !IsSafe(parameter.ParameterType))
            {
                throw Unsafe(method, $"parameter {parameter.Name}", parameter.ParameterType);
            }
        }

        var result = method.ReturnType;
        if (result != typeof(void) && result != typeof(Task) && result != typeof(ValueTask) && !IsSafe(result))
        {
            throw Unsafe(method, "result", result);
        }
    }

    /// <summary>Whether values of the type may be shared.</summary>
    public static bool IsSafe(Type type) => Known.GetOrAdd(type, static candidate => Examine(candidate));

    private static bool Examine(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Immutables.Contains(type)
            || type.IsAssignableTo(typeof(IAddressable)) || type.IsAssignableTo(typeof(Exception)))
        {
            return true;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition == typeof(Immutable<>)
            || (ImmutableCollections.Contains(definition) && type.GenericTypeArguments.All(IsSafe))
            || (type.IsDefined(typeof(ImmutableAttribute), false) && IsSerializable(definition));
    }

    // SiloAddress has a codec of its own and no attribute.
    private static bool IsSerializable(Type type) =>
        type == typeof(SiloAddress) || type.IsDefined(typeof(GenerateSerializerAttribute), false);

    private static NotSupportedException Unsafe(MethodInfo method, string what, Type type) => new(
        $"{method.DeclaringType!.FullName}.{method.Name}: {what} is of type {type}, which may change after it is sent. "
        + "Use primitives, strings, immutable collections, or types marked [Immutable, GenerateSerializer].");
}
