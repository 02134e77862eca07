using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Lifecycle;

/// <summary>The stages of a silo.</summary>
internal sealed class SiloStages : Stages, ISiloLifecycle;
