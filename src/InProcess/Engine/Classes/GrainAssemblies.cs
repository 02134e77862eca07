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
                foreach (var referenced in assembly.GetReferencedAssemblies().Where(IsOurs).Select(TryLoad).OfType<Assembly>())
                {
                    open.Push(referenced);
                }
            }
        }

        return [.. seen.Where(a => a == engine || a.GetReferencedAssemblies().Any(r => r.Name == engine.GetName().Name))];
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
