using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call on its way through filters.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain instance (incoming) or the reference (outgoing).</summary>
    object Grain { get; }

    /// <summary>The called method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The interface's name.</summary>
    string InterfaceName { get; }

    /// <summary>The interface's type.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>The result once <see cref="Invoke"/> has ended; a filter may replace it.</summary>
    object? Result { get; set; }

    /// <summary>The calling grain; null when a client calls.</summary>
    GrainId? SourceId { get; }

    /// <summary>The called grain.</summary>
    GrainId TargetId { get; }

    /// <summary>Runs the next filter, or the method.</summary>
    Task Invoke();
}
