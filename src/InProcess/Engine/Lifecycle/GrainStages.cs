using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Lifecycle;

/// <summary>The stages of an activation.</summary>
internal sealed class GrainStages : Stages, IGrainLifecycle;
