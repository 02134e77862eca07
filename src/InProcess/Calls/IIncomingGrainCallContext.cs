using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call as the called silo sees it.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The called method of the class.</summary>
    MethodInfo ImplementationMethod { get; }

    /// <summary>The called activation.</summary>
    IGrainContext TargetContext { get; }
}
