using System.Reflection;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Engine.Tests.Surface;

/// <summary>Writes what an assembly offers to other assemblies, a line for each fact.</summary>
internal static class ApiSurface
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(IEnumerable<Assembly> assemblies) => assemblies
        .SelectMany(assembly => assembly.GetExportedTypes())
        .SelectMany(Of)
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Of(Type type)
    {
        yield return $"{type}: {Kind(type)}{Arguments(type.GetGenericArguments())}";
        if (type.BaseType is { } parent && parent != typeof(object))
        {
            yield return $"{type}: extends {parent}";
        }

        foreach (var contract in type.GetInterfaces().Where(contract => contract.IsPublic))
        {
            yield return $"{type}: implements {contract}";
        }

        if (type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false) is { } usage)
        {
            yield return $"{type}: on {usage.ValidOn} multiple={usage.AllowMultiple} inherited={usage.Inherited}";
        }

        foreach (var method in type.GetMethods(Declared).Where(method => IsVisible(method) && !IsExplicit(method)))
        {
            yield return $"{type}: {Access(method)}{Modifiers(method)}{Result(method)} {method.Name}"
                + $"{Arguments(method.GetGenericArguments())}({Parameters(method)})";
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(c => IsVisible(c) && !c.IsStatic))
        {
            yield return $"{type}: {Access(constructor)}new({Parameters(constructor)})";
        }

        foreach (var field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
        {
            var value = field.IsLiteral ? $" = {Value(field.GetRawConstantValue())}" : string.Empty;
            var access = field.IsStatic ? "static " : string.Empty;
            yield return $"{type}: {access}field {field.FieldType} {field.Name}{value}";
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsEnum: true } => $"enum {Enum.GetUnderlyingType(type)}",
        { IsValueType: true } => IsReadOnly(type) ? "readonly struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static bool IsReadOnly(Type type) => type.GetCustomAttributesData().Any(attribute =>
        attribute.AttributeType.FullName == typeof(IsReadOnlyAttribute).FullName);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsExplicit(MethodInfo method) => method.Name.Contains('.', StringComparison.Ordinal);

    private static string Access(MethodBase method) => method.IsPublic ? string.Empty
        : method.IsFamily ? "protected " : "protected internal ";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => method.GetBaseDefinition() == method ? "virtual " : "override ",
        _ => string.Empty,
    };

    private static string Result(MethodInfo method)
    {
        var init = method.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == nameof(IsExternalInit));
        return (init ? "init " : string.Empty) + method.ReturnType;
    }

    private static string Arguments(Type[] arguments) => arguments.Length == 0
        ? string.Empty
        : $"<{string.Join(", ", arguments.Select(Constraints))}>";

    private static string Constraints(Type argument)
    {
        if (!argument.IsGenericParameter)
        {
            return argument.ToString();
        }

        var constraints = argument.GetGenericParameterConstraints().Select(constraint => constraint.ToString())
            .Order(StringComparer.Ordinal);
        return $"{argument.Name}:{argument.GenericParameterAttributes}:{string.Join("&", constraints)}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        var kind = parameter.IsOut ? "out " : parameter.IsIn ? "in " : string.Empty;
        var value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : string.Empty;
        return $"{kind}{parameter.ParameterType} {parameter.Name}{value}";
    }));

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
