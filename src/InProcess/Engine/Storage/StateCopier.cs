using System.Reflection;
using System.Runtime.CompilerServices;
using SnapshotGrains.InProcess.Calls;

namespace SnapshotGrains.InProcess.Storage;

/// <summary>Deep copies of state objects, so that a store shares nothing with the grain that wrote to it.</summary>
internal static class StateCopier
{
    public static object? Copy(object? value) => Copy(value, new(ReferenceEqualityComparer.Instance));

    private static object? Copy(object? value, Dictionary<object, object> copies)
    {
        if (value is null or Delegate || MessageTypes.IsSafe(value.GetType()))
        {
            return value;
        }

        if (copies.TryGetValue(value, out var known))
        {
            return known;
        }

        return value is Array array ? CopyArray(array, copies) : CopyObject(value, copies);
    }

    private static Array CopyArray(Array array, Dictionary<object, object> copies)
    {
        var copy = (Array)array.Clone();
        copies[array] = copy;
        if (array.Rank == 1 && !MessageTypes.IsSafe(array.GetType().GetElementType()!))
        {
            for (var i = 0; i < array.Length; i++)
            {
                copy.SetValue(Copy(array.GetValue(i), copies), i);
            }
        }

        return copy;
    }

    private static object CopyObject(object value, Dictionary<object, object> copies)
    {
        var copy = RuntimeHelpers.GetUninitializedObject(value.GetType());
        copies[value] = copy;
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            const BindingFlags Fields =
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (var field in type.GetFields(Fields))
            {
                field.SetValue(copy, Copy(field.GetValue(value), copies));
            }
        }

        return copy;
    }
}
