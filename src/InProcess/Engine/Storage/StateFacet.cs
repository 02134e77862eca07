using System.Reflection;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Storage;

/// <summary>A persistent state that a grain class's constructor asks for.</summary>
internal abstract class StateFacet(ParameterInfo parameter, PersistentStateAttribute attribute)
{
    public Type ParameterType => parameter.ParameterType;

    protected PersistentStateAttribute Attribute => attribute;

    public static StateFacet[] Of(Type grainClass) =>
    [
        .. grainClass.GetConstructors()
            .OrderByDescending(constructor => constructor.GetParameters().Length)
            .Take(1)
            .SelectMany(constructor => constructor.GetParameters())
            .Select(parameter =>
                (Parameter: parameter, Attribute: parameter.GetCustomAttribute<PersistentStateAttribute>()))
            .Where(pair => pair.Attribute is not null)
            .Select(pair => Create(pair.Parameter, pair.Attribute!)),
    ];

    public abstract object Create(Activation activation);

    private static StateFacet Create(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"{parameter.Member}: {parameter.Name} has [PersistentState] but is no IPersistentState.");
        }

        return (StateFacet)Activator.CreateInstance(
            typeof(Typed<>).MakeGenericType(type.GenericTypeArguments), parameter, attribute)!;
    }

    private sealed class Typed<TState>(ParameterInfo parameter, PersistentStateAttribute attribute)
        : StateFacet(parameter, attribute)
    {
        public override object Create(Activation activation)
        {
            var state = new PersistentState<TState>(activation, Attribute);
            activation.ObservableLifecycle.Subscribe(
                Attribute.StateName, GrainLifecycleStage.SetupState, state);
            return state;
        }
    }
}
