using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A persistent state, injected into a grain's constructor and read before its activation.</summary>
public interface IPersistentState<TState> : IStorage<TState>;
