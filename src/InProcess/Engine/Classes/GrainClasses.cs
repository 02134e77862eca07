using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Classes;

/// <summary>The process's grain classes, found in the assemblies that use the grain API.</summary>
internal static class GrainClasses
{
    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<(Type, string?), GrainClass> ByInterface = new();
    private static readonly HashSet<Assembly> Scanned = [];
    private static FrozenDictionary<GrainType, GrainClass> _byName = FrozenDictionary<GrainType, GrainClass>.Empty;

    /// <summary>The class that implements an interface.</summary>
    /// <exception cref="ArgumentException">None does, or none is the obvious one of several.</exception>
    public static GrainClass Find(Type interfaceType, string? prefix) =>
        ByInterface.GetOrAdd((interfaceType, prefix), static key => Resolve(key.Item1, key.Item2));

    /// <summary>The class of a grain type.</summary>
    public static GrainClass Find(GrainType type) =>
        _byName.TryGetValue(type, out var known) || Scan().TryGetValue(type, out known)
            ? known
            : throw new ArgumentException($"No grain class has the type {type}.", nameof(type));

    private static GrainClass Resolve(Type interfaceType, string? prefix)
    {
        var candidates = Scan().Values.Where(c => interfaceType.IsAssignableFrom(c.Type)).ToArray();
        if (string.IsNullOrWhiteSpace(prefix))
        {
            candidates = Prefer(candidates, c => c.Type.Name == interfaceType.Name[1..]);
        }
        else
        {
            candidates = [.. candidates.Where(c => c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal))];
            candidates = Prefer(candidates, c => c.Type.FullName == prefix);
        }

        return candidates switch
        {
            [var only] => only,
            [] => throw new ArgumentException(
                $"Could not find an implementation for interface {interfaceType.FullName}"),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {interfaceType.FullName}. "
                + $"Candidates: {string.Join(", ", candidates.Select(c => c.Type.FullName))}"),
        };
    }

    private static GrainClass[] Prefer(GrainClass[] candidates, Func<GrainClass, bool> preferred) =>
        candidates.Where(preferred).ToArray() is { Length: 1 } one ? one : candidates;

    private static FrozenDictionary<GrainType, GrainClass> Scan()
    {
        lock (Gate)
        {
            var assemblies = GrainAssemblies.Load().Where(assembly => !Scanned.Contains(assembly)).ToArray();
            var added = assemblies.SelectMany(ClassesOf).Select(type => new GrainClass(type)).ToArray();
            Scanned.UnionWith(assemblies);
            if (added.Length > 0)
            {
                var byName = _byName.Values.Concat(added).GroupBy(c => c.GrainType);
                _byName = byName.ToFrozenDictionary(group => group.Key, Single);
            }

            return _byName;
        }
    }

    private static GrainClass Single(IGrouping<GrainType, GrainClass> group) => group.Count() == 1
        ? group.Single()
        : throw new OrleansConfigurationException(
            $"Grain type {group.Key} belongs to {string.Join(" and ", group.Select(c => c.Type.FullName))}; "
            + "give one of them another name by [GrainType].");

    private static IEnumerable<Type> ClassesOf(Assembly assembly) => TypesOf(assembly).Where(type =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && type.IsAssignableTo(typeof(IGrainBase)));

    // Types that need an assembly that was not deployed are no use to anybody.
    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>();
        }
    }
}
