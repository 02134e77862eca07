using System.Reflection;
using Orleans;

namespace SnapshotGrains.InProcess.Classes;

/// <summary>Finds the assemblies that may hold grain classes, loading those that nobody has touched yet.</summary>
internal static class GrainAssemblies
{
    private static readonly string[] Foreign = ["System", "Microsoft", "netstandard", "mscorlib", "xunit", "testhost"];

    public static IReadOnlyCollection<Assembly> Load()
    {
        var engine = typeof(IGrain).Assembly;
        HashSet<Assembly> seen = [];
        Stack<Assembly> open = new(AppDomain.CurrentDomain.GetAssemblies().Where(IsOurs));
        while (open.TryPop(out var assembly))
        {
            if (seen.Add(assembly))
            {
                var referenced = assembly.GetReferencedAssemblies().Where(IsOurs).Select(TryLoad).OfType<Assembly>();
                foreach (var other in referenced)
                {
                    open.Push(other);
                }
            }
        }

        var name = engine.GetName().Name;
        return [.. seen.Where(a => a == engine || a.GetReferencedAssemblies().Any(r => r.Name == name))];
    }

    private static bool IsOurs(Assembly assembly) => !assembly.IsDynamic && IsOurs(assembly.GetName());

    private static bool IsOurs(AssemblyName name) => !Foreign.Any(prefix =>
        name.Name!.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (name.Name.Length == prefix.Length || name.Name[prefix.Length] == '.'));

    // A reference that was not deployed cannot hold a class that anybody uses.
    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
