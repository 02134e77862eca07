namespace Orleans;

/// <summary>Stages of a silo; stopping runs them backwards.</summary>
public static class ServiceLifecycleStage
{
    /// <summary>The first.</summary>
    public const int First = int.MinValue;

    /// <summary>The runtime is set up.</summary>
    public const int RuntimeInitialize = 2000;

    /// <summary>Runtime services.</summary>
    public const int RuntimeServices = 4000;

    /// <summary>Storage.</summary>
    public const int RuntimeStorageServices = 6000;

    /// <summary>Grain services.</summary>
    public const int RuntimeGrainServices = 8000;

    /// <summary>Application services; grains cannot be called yet.</summary>
    public const int ApplicationServices = 10000;

    /// <summary>On the way down, the silo's activations are deactivated before this.</summary>
    public const int BecomeActive = 19999;

    /// <summary>The silo takes calls.</summary>
    public const int Active = 20000;

    /// <summary>The last.</summary>
    public const int Last = int.MaxValue;
}
