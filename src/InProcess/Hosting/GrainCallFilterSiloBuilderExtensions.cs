using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Registration of a silo's call filters.</summary>
public static class GrainCallFilterSiloBuilderExtensions
{
    /// <summary>Adds a filter of incoming calls.</summary>
    public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
        where TImplementation : class, IIncomingGrainCallFilter
    {
        builder.Services.AddSingleton<IIncomingGrainCallFilter, TImplementation>();
        return builder;
    }

    /// <summary>Adds a filter of outgoing calls.</summary>
    public static ISiloBuilder AddOutgoingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
        where TImplementation : class, IOutgoingGrainCallFilter
    {
        builder.Services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>();
        return builder;
    }
}
