namespace Orleans.Runtime;

/// <summary>Stages of an activation; all of them run before OnActivateAsync.</summary>
public static class GrainLifecycleStage
{
    /// <summary>The first.</summary>
    public const int First = int.MinValue;

    /// <summary>Persistent state is read.</summary>
    public const int SetupState = 1000;

    /// <summary>Activation proper.</summary>
    public const int Activate = 2000;

    /// <summary>The last.</summary>
    public const int Last = int.MaxValue;
}
