using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Registration of a client's call filters.</summary>
public static class ClientBuilderGrainCallFilterExtensions
{
    /// <summary>Adds a filter of outgoing calls.</summary>
    public static IClientBuilder AddOutgoingGrainCallFilter<TImplementation>(this IClientBuilder builder)
        where TImplementation : class, IOutgoingGrainCallFilter
    {
        builder.Services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>();
        return builder;
    }
}
